import * as z from "zod/mini";
import { actionSchema, ownerSchema } from "../actions/action.ts";
import { outcomes } from "../actions/promise.ts";
import { addDays, periodContaining } from "../kpis/calendar.ts";
import { periodName } from "../kpis/date-words.ts";
import { formats } from "../kpis/kpi.ts";
import type { Period } from "../kpis/period.ts";
import { periodKinds } from "../kpis/period.ts";
import { sliceSchema, statuses, targetInputSchema } from "../kpis/target.ts";
import { reviewedKinds } from "./schedule.ts";

const words = z.string().check(z.maxLength(20_000));

/** What people add to a review. */
export const reviewInputSchema = z.strictObject({ learnt: words, decided: words });
export type ReviewInput = z.output<typeof reviewInputSchema>;

/** One target as closing sets it: as it is from the next period on. */
export const targetChangeSchema = z.strictObject({
  kpi: z.string(),
  period: z.enum(periodKinds),
  by: z.optional(sliceSchema.shape.by),
  group: z.optional(sliceSchema.shape.group),
  target: targetInputSchema.shape.target,
  /** The first day of the first period that it holds for; without it, of the one that follows the review's. */
  from: z.optional(z.iso.date("is no date that exists, such as 2027-01-01")),
  /** Needed where no target stands yet. */
  owner: z.optional(ownerSchema),
  note: targetInputSchema.shape.note,
});
export type TargetChange = z.output<typeof targetChangeSchema>;

/** Two writes for each, and one for the review, are one transaction of the table. */
export const mostTargetChanges = 40;
export const closingSchema = z.strictObject({
  targets: z._default(z.array(targetChangeSchema).check(z.maxLength(mostTargetChanges)), []),
});

/** A period that is looked back at: what people say of it, and what became of the review. */
export const reviewSchema = z.object({
  id: z.string(),
  /** The period's name, by the account's fiscal year: `Q3 2026`. */
  title: z.string(),
  period: z.enum(reviewedKinds),
  /** The first day, and the first after the last. */
  start: z.string(),
  end: z.string(),
  state: z.enum(["open", "closed"]),
  ...reviewInputSchema.shape,
  openedAt: z.string(),
  closeBy: z.string(),
  closedAt: z.nullable(z.string()),
  closedBy: z.nullable(z.string()),
  /** What was set when it was closed. */
  targets: z.array(targetChangeSchema),
  /** Who is told of it: the managers as they were when it was opened. */
  recipients: z.array(z.object({ name: z.string(), email: z.string() })),
  version: z.number(),
  updatedAt: z.string(),
  updatedBy: z.nullable(z.string()),
});
export type Review = z.output<typeof reviewSchema>;

const value = z.nullable(z.number());

/** What a review was opened with. It is never written again. */
export const gatheredSchema = z.object({
  /** The figures are as of this instant; what comes later is not in them. */
  asOf: z.string(),
  kpis: z.array(
    z.object({
      kpi: z.string(),
      title: z.string(),
      format: z.enum(formats),
      currency: z.optional(z.string()),
      direction: z.enum(["up", "down"]),
      /** Of the definition that was counted by. */
      version: z.number(),
      value,
      n: z.number(),
      leftOut: z.number(),
      /** False where the youngest members of a cohort had still days to go. */
      complete: z.boolean(),
      target: value,
      owner: z.nullable(z.object({ name: z.string(), email: z.string() })),
      status: z.enum(statuses),
      previous: z.nullable(z.object({ start: z.string(), value })),
      change: value,
    }),
  ),
  themes: z.object({
    comments: z.number(),
    previousComments: z.number(),
    truncated: z.boolean(),
    items: z.array(
      z.object({
        theme: z.string(),
        title: z.string(),
        count: z.number(),
        share: value,
        previousShare: value,
        p: value,
        significant: z.boolean(),
        meanSentiment: value,
      }),
    ),
  }),
  /** Of themes and of earlier reviews. */
  openActions: z.object({ items: z.array(z.object(shownAction())), truncated: z.boolean() }),
  /** The review before of the same kind, and what was promised in it. */
  promises: z.object({
    review: z.nullable(z.string()),
    items: z.array(z.object({ ...shownAction(), outcome: z.enum(outcomes) })),
  }),
});
export type Gathered = z.output<typeof gatheredSchema>;

function shownAction() {
  const { id, what, owner, dueOn, state, missedOn, origin } = actionSchema.shape;
  return { id, what, owner, dueOn, state, missedOn, origin };
}

export function reviewIdOf({ kind, start }: Pick<Period, "kind" | "start">): string {
  return `${kind}-${start}`;
}

/** The kind and first day in a review's id. */
export function partsOf(id: string): { readonly kind: string; readonly start: string } {
  const at = id.indexOf("-");
  return { kind: id.slice(0, at), start: id.slice(at + 1) };
}

export function openedReview(
  period: Pick<Period, "start" | "end"> & { readonly kind: Review["period"] },
  about: {
    readonly at: string;
    readonly today: string;
    readonly daysToClose: number;
    readonly recipients: Review["recipients"];
  },
): Review {
  const { kind, start, end } = period;
  return {
    id: reviewIdOf(period),
    title: periodName(period),
    ...{ period: kind, start, end, state: "open", learnt: "", decided: "" },
    openedAt: about.at,
    closeBy: addDays(about.today, about.daysToClose),
    ...{ closedAt: null, closedBy: null, targets: [], recipients: about.recipients },
    ...{ version: 1, updatedAt: about.at, updatedBy: null },
  };
}

/** Where a target changes unless the change says so: with the first period of its own kind after the review's. */
export function firstDayOf({ period, from }: TargetChange, { end }: Pick<Review, "end">): string {
  if (from !== undefined) return from;
  const first = periodContaining(period, end);
  return first.start < end ? first.end : first.start;
}
