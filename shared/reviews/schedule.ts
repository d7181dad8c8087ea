import * as z from "zod/mini";

export const reviewedKinds = ["month", "quarter", "year"] as const;
export type ReviewedKind = (typeof reviewedKinds)[number];

export const scheduleInputSchema = z.strictObject({
  reviews: z
    .array(
      z.strictObject({
        period: z.enum(reviewedKinds),
        /** Days from its opening until it should be closed. */
        daysToClose: z._default(z.int().check(z.gte(1), z.lte(60)), 14),
      }),
    )
    .check(
      z.maxLength(reviewedKinds.length),
      z.refine((all) => new Set(all.map(({ period }) => period)).size === all.length, "names a period twice"),
    ),
});

/** Which periods are reviewed. */
export const scheduleSchema = z.object({
  ...scheduleInputSchema.shape,
  version: z.number(),
  updatedAt: z.nullable(z.string()),
  updatedBy: z.nullable(z.string()),
});
export type Schedule = z.output<typeof scheduleSchema>;

/** Until an account says otherwise. */
export const shippedSchedule: Schedule = {
  reviews: [{ period: "quarter", daysToClose: 14 }],
  version: 0,
  updatedAt: null,
  updatedBy: null,
};
