import * as z from "zod/mini";
import { defineRoutes } from "../route.ts";

/** Where shops send their webhooks. Each fact of a delivery is one durable write. */
export const webhookRoutes = defineRoutes([
  {
    operationId: "receiveWebhook",
    method: "POST",
    path: "/v1/webhooks/{connector}/{source}",
    api: "public",
    function: "webhooks",
    tag: "Connectors",
    summary: "Take a webhook of a connected shop",
    description:
      "Signed by the sender over the raw body (1 MB at most). A delivery that comes again is the same delivery. A topic " +
      "that says nothing to us, or a body that is not as its sender documents it, is answered with 200, so that it is " +
      "not sent for ever, and counted at `GET /v1/sources`.",
    scopes: [],
    roles: [],
    security: "none",
    params: z.object({ connector: z.string(), source: z.string() }),
    body: z.looseObject({}),
    mediaTypes: ["application/json"],
    responses: {
      200: {
        description: "Stored, or nothing to store.",
        schema: z.object({ status: z.enum(["accepted", "ignored"]) }),
      },
    },
  },
]);
