import * as z from "zod/mini";

/** What the connectors queue carries: the next page of an import, or a withdrawal that a shop is to be told of. */
export const connectorMessageSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("page"), source: z.string(), importId: z.string(), version: z.number() }),
  z.object({
    type: z.literal("withdrawal"),
    source: z.string(),
    addressHash: z.string(),
    contactId: z.string(),
    at: z.string(),
    tries: z.number(),
  }),
]);
export type ConnectorMessage = z.infer<typeof connectorMessageSchema>;
export type PageMessage = Extract<ConnectorMessage, { type: "page" }>;
export type WithdrawalMessage = Extract<ConnectorMessage, { type: "withdrawal" }>;
