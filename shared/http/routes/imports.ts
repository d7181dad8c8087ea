import * as z from "zod/mini";
import { orderFormatNames } from "../../connectors/csv-formats.ts";
import { importIdSchema, importViewSchema } from "../../connectors/import.ts";
import {
  fileImportIdSchema,
  filePartViewSchema,
  fileViewSchema,
  partNumberSchema,
} from "../../connectors/import-file.ts";
import { reconciliationViewSchema } from "../../connectors/reconciliation.ts";
import { sourceNameSchema } from "../../connectors/source.ts";
import { isCurrency } from "../../intake/money.ts";
import { isTimeZone } from "../../time-zone.ts";
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
    description: "Of a file it says as well what the file holds: that is what to look at before it begins.",
    responses: {
      200: { description: "The import.", schema: z.extend(importViewSchema, { file: z.optional(fileViewSchema) }) },
    },
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
    summary: "Begin the import of a file, cancel an import, or go on with one that failed or was cancelled",
    description:
      "It goes on where it stopped. What it has brought stays. A file with faults does not begin, unless `withoutFaulty` " +
      "leaves the orders that have some out.",
    params: one,
    body: z.strictObject({ state: z.enum(["cancelled", "running"]), withoutFaulty: z.optional(z.boolean()) }),
    responses: { 200: { description: "The import as it is now.", schema: importViewSchema } },
  },
]);

const firstRow = z.pipe(z.string().check(z.regex(/^[1-9]\d{0,7}$/, "the number of a row")), z.transform(Number));

/** Files of orders that are imported. */
export const importFileRoutes = defineRoutes([
  {
    ...writes,
    operationId: "putImportPart",
    method: "PUT",
    path: "/v1/sources/{source}/imports/{importId}/parts/{part}",
    summary: "Send a file of orders, or a part of a long one, and learn what it holds",
    description:
      "Nothing is imported yet: the answer counts what would be and names each fault with its row and column; `PATCH` with " +
      '`{"state":"running"}` begins. A part is CSV in UTF-8, with the column names, of 4 MB at most; of an order all rows are in ' +
      "one part. The same part again replaces it. Formats: `generic` (columns order_id, email, occurred_at, currency, revenue or " +
      "total, and others), `shopify` and `woocommerce` as they export orders; without it, the one of the connected shop. The id of " +
      "the import is yours and begins with `csv-`. Drafts are kept for 14 days.",
    params: z.object({ source: sourceNameSchema, importId: fileImportIdSchema, part: partNumberSchema }),
    query: z.object({
      format: z.optional(z.enum(orderFormatNames)),
      timeZone: z.optional(z.string().check(z.refine(isTimeZone, "not an IANA time zone, such as Europe/Berlin"))),
      currency: z.optional(z.string().check(z.refine(isCurrency, "a currency of ISO 4217, such as EUR"))),
      firstRow: z.optional(firstRow),
    }),
    mediaTypes: ["text/csv"],
    body: z.string(),
    responses: { 200: { description: "What the part holds.", schema: filePartViewSchema } },
  },
]);
