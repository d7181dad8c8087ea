import * as z from "zod/mini";
import { importIdSchema, importViewSchema } from "../../connectors/import.ts";
import { reconciliationViewSchema } from "../../connectors/reconciliation.ts";
import { sourceNameSchema } from "../../connectors/source.ts";
import { defineRoutes } from "../route.ts";

const staff = { api: "staff", function: "staff", tag: "Connectors", security: "jwt" } as const;
const reads = { ...staff, scopes: ["rapport/read"], roles: ["admin", "manager", "marketer"] } as const;
const writes = { ...staff, scopes: ["rapport/admin"], roles: ["admin"] } as const;
const source = z.object({ source: sourceNameSchema });
const one = z.object({ source: sourceNameSchema, importId: importIdSchema });

/** Imports of connected shops' orders. */
export const importRoutes = defineRoutes([
  {
    ...writes,
    operationId: "startImport",
    method: "POST",
    path: "/v1/sources/{source}/imports",
    summary: "Import a shop's orders again, all or from a day on",
    description:
      "Connecting a shop with its `api` imports its whole history by itself. An order that is known already stays one " +
      "order. What is imported updates contacts, segments and KPIs by its own date and starts nothing: no mail, no journey.",
    params: source,
    body: z.strictObject({ from: z.optional(z.iso.date()) }),
    responses: { 201: { description: "The import, at its beginning.", schema: importViewSchema } },
  },
  {
    ...reads,
    operationId: "listImports",
    method: "GET",
    path: "/v1/sources/{source}/imports",
    summary: "A shop's imports and how far they are",
    params: source,
    responses: {
      200: {
        description: "The latest imports, by id.",
        schema: z.object({ items: z.array(importViewSchema), nextCursor: z.null() }),
      },
    },
  },
  {
    ...reads,
    operationId: "getImport",
    method: "GET",
    path: "/v1/sources/{source}/imports/{importId}",
    summary: "An import: how far it is, and which orders could not be read",
    params: one,
    responses: { 200: { description: "The import.", schema: importViewSchema } },
  },
  {
    ...reads,
    operationId: "getReconciliation",
    method: "GET",
    path: "/v1/sources/{source}/reconciliation",
    summary: "The last night's comparison with the shop",
    description:
      "The orders of the seven days before, by day: how many and how much, according to the shop and to us. Orders that were " +
      "missing are imported; what is still apart a quarter of an hour later rings the operator.",
    params: source,
    responses: { 200: { description: "The comparison.", schema: reconciliationViewSchema } },
  },
  {
    ...writes,
    operationId: "changeImport",
    method: "PATCH",
    path: "/v1/sources/{source}/imports/{importId}",
    summary: "Cancel an import, or go on with one that failed or was cancelled",
    description: "It goes on where it stopped. What it has brought stays.",
    params: one,
    body: z.strictObject({ state: z.enum(["cancelled", "running"]) }),
    responses: { 200: { description: "The import as it is now.", schema: importViewSchema } },
  },
]);
