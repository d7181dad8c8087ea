import * as z from "zod/mini";
import type { Key } from "../table/item.ts";

/** An address that gets no mail at all, whoever it belongs to: it does not exist, or its owner called us spam. */
export const suppressionSchema = z.object({
  reason: z.enum(["bounce", "complaint"]),
  /** When SES reported it. */
  at: z.string(),
  /** The event it follows from. */
  eventId: z.string(),
});
export type Suppression = z.output<typeof suppressionSchema>;

/** Where the suppression of an address stands. */
export function suppressionKey(addressHash: string): Key {
  return { pk: `ADDRESS#${addressHash}`, sk: "SUPPRESSION" };
}
