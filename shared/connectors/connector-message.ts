import * as z from "zod/mini";

/** What the connectors queue carries: the next page of an import. */
export const connectorMessageSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("page"), source: z.string(), importId: z.string(), version: z.number() }),
]);
export type ConnectorMessage = z.infer<typeof connectorMessageSchema>;
export type PageMessage = Extract<ConnectorMessage, { type: "page" }>;
