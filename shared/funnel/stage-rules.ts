import * as z from "zod/mini";
import { type Event, eventNameSchema } from "../events/event.ts";
import { conditionSchema, holds } from "../journeys/condition.ts";
import { digestOf } from "../table/hash.ts";
import { lifecycleStages } from "./stages.ts";

const ruleSchema = z.strictObject({
  stage: z.enum(lifecycleStages),
  event: eventNameSchema,
  /** All must hold, on the event's properties. */
  where: z._default(z.array(conditionSchema).check(z.maxLength(10)), []),
  /** By which of such events the stage is entered: 2 for the second order. */
  times: z._default(z.int().check(z.gte(1), z.lte(5)), 1),
});
export type StageRule = z.infer<typeof ruleSchema>;

export const stageRulesInputSchema = z.strictObject({
  rules: z.array(ruleSchema).check(
    z.minLength(1),
    z.maxLength(50),
    z.refine((rules) => new Set(rules.map((rule) => JSON.stringify(rule))).size === rules.length, {
      error: "names the same rule twice",
    }),
  ),
});

export const stageRulesSchema = z.object({
  ...stageRulesInputSchema.shape,
  version: z.number(),
  /** Null of the rules that Rapport comes with. */
  updatedAt: z.nullable(z.iso.datetime()),
  updatedBy: z.nullable(z.string()),
});
export type StageRules = z.infer<typeof stageRulesSchema>;

export function matchesRule({ event: name, where }: StageRule, event: Pick<Event, "name" | "properties">): boolean {
  return event.name === name && where.every((condition) => holds(condition, event.properties));
}

/** Rules that count the same events share their count. */
export function countKey({ event, where }: StageRule): string {
  return digestOf([event, JSON.stringify(where)], 8);
}

const paid = {
  event: "Order Completed",
  where: [
    { property: "revenue.amount", atLeast: 1 },
    { property: "test", notEquals: true },
  ],
};
const inProposal = { property: "stage", oneOf: ["proposal", "Proposal", "negotiation", "Negotiation"] };

/** The rules until somebody sets others: names of the Segment specification, and of forms and deals. */
export const shippedStageRules: StageRules = {
  ...stageRulesInputSchema.parse({
    rules: [
      { stage: "awareness", event: "Page Viewed" },
      { stage: "awareness", event: "Screen Viewed" },
      { stage: "awareness", event: "Product Viewed" },
      { stage: "consideration", event: "Form Submitted" },
      { stage: "consideration", event: "Product Added" },
      { stage: "consideration", event: "Deal Created" },
      { stage: "decision", event: "Checkout Started" },
      { stage: "decision", event: "Deal Stage Changed", where: [inProposal] },
      { stage: "action", ...paid },
      { stage: "action", event: "Deal Won" },
      { stage: "retention", ...paid, times: 2 },
      { stage: "retention", event: "Deal Won", times: 2 },
    ],
  }),
  version: 1,
  updatedAt: null,
  updatedBy: null,
};
