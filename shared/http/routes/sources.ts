import * as z from "zod/mini";
import { sourceNameSchema, sourceRequestSchema, sourceSchema } from "../../connectors/source.ts";
import { defineRoutes } from "../route.ts";

const sources = { api: "staff", function: "staff", tag: "Connectors", security: "jwt" } as const;

/** Shops and payment services that send us webhooks. */
export const sourceRoutes = defineRoutes([
  {
    ...sources,
    operationId: "listSources",
    method: "GET",
    path: "/v1/sources",
    scopes: ["rapport/read"],
    roles: ["admin", "manager", "marketer"],
    summary: "Connected shops, what of their deliveries said nothing to us, and their carts of unknown people",
    responses: {
      200: {
        description:
          "All sources. `ignored` counts deliveries by topic; `unknownCarts` carts that wait for their owner to be known.",
        schema: z.object({
          items: z.array(
            z.extend(sourceSchema, {
              ignored: z.record(z.string(), z.number()),
              unknownCarts: z.object({ count: z.number(), exact: z.boolean() }),
            }),
          ),
          nextCursor: z.null(),
        }),
      },
    },
  },
  {
    ...sources,
    operationId: "putSource",
    method: "PUT",
    path: "/v1/sources/{source}",
    scopes: ["rapport/admin"],
    roles: ["admin"],
    summary: "Connect a shop, or give it a new secret",
    description:
      "The secret is kept in Secrets Manager and never shown again. A new one verifies at once; the one before it goes on " +
      "verifying for `oldSecretHours` (24 unless told), so that nothing is lost while it is exchanged.",
    params: z.object({ source: sourceNameSchema }),
    body: sourceRequestSchema,
    responses: {
      200: {
        description: "The source, and the path on the public API where its webhooks are to be sent.",
        schema: z.extend(sourceSchema, { webhookPath: z.string() }),
      },
    },
  },
]);
