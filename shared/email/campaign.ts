import * as z from "zod/mini";

const id = z.string().check(z.regex(/^[A-Za-z0-9_-]{1,40}$/));

/**
 * What a mail is sent for: a journey's step or a broadcast. It goes with the mail from the request through the ledger
 * into every event of the mail, as `properties.campaign`, and is what results are counted by.
 */
export const campaignSchema = z.object({
  type: z.enum(["journey", "broadcast"]),
  id,
  /** The journey's version that the run pins. */
  version: z.optional(z.number()),
  /** The journey's step. */
  stepId: z.optional(id),
  /** Which way every split on the way here was taken, as `variantOf` writes it; none without a split. */
  variant: z.optional(z.string().check(z.maxLength(500))),
  /** The run's first mail. Whoever it was meant for is compared with who was held out of it. */
  first: z.optional(z.literal(true)),
});
export type Campaign = z.output<typeof campaignSchema>;

/** The ways taken at splits as one text, `subject:b` or `audience:mailed subject:b`; undefined without a split. */
export function variantOf(variants: Readonly<Record<string, string>>): string | undefined {
  const ways = Object.entries(variants).map(([split, variant]) => `${split}:${variant}`);
  return ways.length === 0 ? undefined : ways.sort().join(" ").slice(0, 500);
}
