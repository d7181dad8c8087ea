import * as z from "zod/mini";
import type { Act } from "./standing.ts";

/** What an item has that was written before consents were kept as acts; it is about all marketing. */
export const oldConsentShape = {
  requestedAt: z.optional(z.string()),
  text: z.optional(z.string()),
  textVersion: z.optional(z.string()),
  source: z.optional(z.string()),
  method: z.optional(z.enum(["double-opt-in", "single-opt-in"])),
};

const oldConsentSchema = z.object({
  ...oldConsentShape,
  state: z.optional(z.string()),
  grantedAt: z.optional(z.string()),
  heardAt: z.optional(z.string()),
  withdrawnAt: z.optional(z.string()),
});

/** The acts that an item tells of which was written before consents were kept as acts. */
export function actsOfOld(consent: z.output<typeof oldConsentSchema>): readonly Act[] {
  const { state, requestedAt, grantedAt, heardAt, withdrawnAt, text, textVersion, source, method } = consent;
  const shown = {
    ...(source !== undefined && { source }),
    ...(text !== undefined && { text }),
    ...(textVersion !== undefined && { textVersion }),
  };
  const proven = method === "double-opt-in";
  const acts: Act[] = [];
  if (state === "pending" && requestedAt !== undefined) {
    acts.push({ type: "ask", at: requestedAt, by: "visitor", ...shown });
  }
  if (grantedAt !== undefined) {
    const by = proven ? "person" : heardAt === undefined ? "visitor" : "shop";
    const basis = proven ? "confirmed" : "express";
    acts.push({ type: "grant", at: grantedAt, by, basis, ...shown, ...(heardAt !== undefined && { heardAt }) });
  }
  if (withdrawnAt !== undefined) acts.push({ type: "withdraw", at: withdrawnAt, by: "person" });
  return acts.toSorted((a, b) => (a.at < b.at ? -1 : 1));
}
