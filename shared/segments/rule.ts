import * as z from "zod/mini";
import { topicIdSchema } from "../consent/topics.ts";
import { attributeHelp, isAttribute, moments } from "./attributes.ts";
import { channels } from "./channel.ts";
import { type Comparison, comparisonShape, faultOf } from "./comparison.ts";
import { tierAmounts } from "./cut-points.ts";

/** Ids of segments: they stand in keys and in journeys. */
export const segmentIdSchema = z
  .string()
  .check(z.regex(/^[a-z0-9][a-z0-9-]{0,39}$/, "use 1 to 40 lower-case letters, digits and hyphens"));

/** Events that segments write themselves: a rule on them would chase its own tail. */
export const segmentEvents: readonly string[] = ["Segment Entered", "Segment Exited"];

const days = z.number().check(z.gt(0, "give more than 0 days"), z.lte(3650, "give at most 3,650 days"));
const eventName = z.string().check(
  z.minLength(1, "name an event, such as Order Completed"),
  z.maxLength(100),
  z.refine(
    (name) => !segmentEvents.includes(name),
    "use a condition of type segment for membership in another segment",
  ),
);
const path = z
  .string()
  .check(
    z.regex(/^[^.\p{Cc}]{1,100}(?:\.[^.\p{Cc}]{1,100}){0,5}$/u, "give a path such as coupon or products.*.productId"),
  );

function checkValue(context: { readonly value: Comparison; issues: unknown[] }): void {
  const message = faultOf(context.value);
  if (message !== undefined) context.issues.push({ code: "custom", message, path: ["value"], input: context.value });
}

const attributeSchema = z
  .strictObject({
    type: z.literal("attribute"),
    attribute: z.string().check(z.refine(isAttribute, attributeHelp)),
    ...comparisonShape,
  })
  .check(checkValue);

const elapsedSchema = z
  .strictObject({
    type: z.literal("elapsed"),
    since: z.enum(moments, `use one of ${moments.join(", ")}`),
    atLeastDays: z.optional(days),
    lessThanDays: z.optional(days),
  })
  .check(
    z.refine(
      ({ atLeastDays, lessThanDays }) => atLeastDays !== undefined || lessThanDays !== undefined,
      "give atLeastDays, lessThanDays or both",
    ),
    z.refine(
      ({ atLeastDays = 0, lessThanDays = Number.POSITIVE_INFINITY }) => atLeastDays < lessThanDays,
      "no contact can fit: make atLeastDays smaller than lessThanDays",
    ),
  );

const overdueSchema = z.strictObject({
  type: z.literal("overdue"),
  /** How many of the contact's own mean gaps between orders have passed since the last one. */
  times: z.number().check(z.gte(0.5), z.lte(100)),
});

const predictionSchema = z.strictObject({
  type: z.literal("prediction"),
  /** The probability of being active, by the customer model; where none is fitted nobody fits. */
  activeBelow: z.number().check(z.gt(0, "give a probability above 0"), z.lt(1, "give a probability below 1")),
});

const consentSchema = z.strictObject({
  type: z.literal("consent"),
  is: z.enum(["subscribed", "pending", "unsubscribed", "never"], "use subscribed, pending, unsubscribed or never"),
  /** Of the account's topics; without it: any marketing. */
  topic: z.optional(topicIdSchema),
});

const channelSchema = z.strictObject({
  type: z.literal("channel"),
  is: z.enum(channels, `use one of ${channels.join(", ")}`),
});

/** The address bounced, or its owner called us spam. */
const suppressedSchema = z.strictObject({ type: z.literal("suppressed") });

const propertyConditionSchema = z.strictObject({ property: path, ...comparisonShape }).check(checkValue);
export type PropertyCondition = z.infer<typeof propertyConditionSchema>;

const numeric = ["eq", "ne", "gt", "gte", "lt", "lte"] as const;
const eventBase = {
  type: z.literal("event"),
  name: eventName,
  where: z._default(z.array(propertyConditionSchema).check(z.maxLength(10)), []),
  /** Only events of the last so many days count. */
  withinDays: z.optional(days),
};
const amount = { op: z.enum(numeric, `use one of ${numeric.join(", ")}`), value: z.number() };

const eventSchema = z.discriminatedUnion(
  "measure",
  [
    z.strictObject({ ...eventBase, measure: z.literal("count"), ...amount }),
    z.strictObject({ ...eventBase, measure: z.literal("sum"), property: path, ...amount }),
    z.strictObject({ ...eventBase, measure: z.literal("first") }),
    z.strictObject({ ...eventBase, measure: z.literal("last") }),
    z.strictObject({ ...eventBase, measure: z.literal("never") }),
  ],
  { error: "give measure as one of count, sum, first, last, never" },
);
export type EventCondition = z.infer<typeof eventSchema>;

const segmentSchema = z.strictObject({ type: z.literal("segment"), segmentId: segmentIdSchema });

const currency = z.string().check(z.regex(/^[A-Z]{3}$/, "give a currency of ISO 4217, such as EUR"));

const valueTierSchema = z
  .strictObject({
    type: z.literal("valueTier"),
    tier: z.enum(["high", "mid", "low"], "use high, mid or low"),
    currency,
    /** While customers are few: net revenue in minor units from which one is of middle and of high value. */
    midFrom: z._default(z.number().check(z.int(), z.gt(0)), tierAmounts.midFrom),
    highFrom: z._default(z.number().check(z.int(), z.gt(0)), tierAmounts.highFrom),
  })
  .check(z.refine(({ midFrom, highFrom }) => midFrom < highFrom, "make midFrom smaller than highFrom"));

const scores = z.optional(
  z
    .array(z.number().check(z.int(), z.gte(1), z.lte(5)), "give a list of scores from 1 to 5, such as [4, 5]")
    .check(z.minLength(1, "give at least one score from 1 to 5"), z.maxLength(5)),
);

const rfmSchema = z
  .strictObject({
    type: z.literal("rfm"),
    recency: scores,
    frequency: scores,
    money: scores,
    /** Of the money. */
    currency: z.optional(currency),
  })
  .check(
    z.refine(
      ({ recency, frequency, money }) => (recency ?? frequency ?? money) !== undefined,
      "give scores of recency, frequency, money or several of them",
    ),
    z.refine(
      (rfm) => (rfm.money === undefined) === (rfm.currency === undefined),
      "give money and its currency together: amounts of different currencies are never added",
    ),
  );

const conditionSchemas = [
  attributeSchema,
  elapsedSchema,
  overdueSchema,
  predictionSchema,
  consentSchema,
  channelSchema,
  suppressedSchema,
  eventSchema,
  segmentSchema,
  valueTierSchema,
  rfmSchema,
] as const;
export type Condition = z.infer<(typeof conditionSchemas)[number]>;

/** A rule: conditions, joined by all, any and not. */
export type Rule =
  | { readonly type: "all"; readonly rules: readonly Rule[] }
  | { readonly type: "any"; readonly rules: readonly Rule[] }
  | { readonly type: "not"; readonly rule: Rule }
  | Condition;

const inner: z.ZodMiniType<Rule> = z.lazy(() => unboundedRuleSchema);
const rules = z.array(inner).check(z.minLength(1, "give at least one rule"), z.maxLength(30));
const unboundedRuleSchema: z.ZodMiniType<Rule> = z.discriminatedUnion(
  "type",
  [
    z.strictObject({ type: z.literal("all"), rules }),
    z.strictObject({ type: z.literal("any"), rules }),
    z.strictObject({ type: z.literal("not"), rule: inner }),
    ...conditionSchemas,
  ],
  {
    error:
      "give a rule: an object whose type is one of all, any, not, attribute, elapsed, overdue, prediction, consent, channel, suppressed, event, segment, valueTier, rfm",
  },
);

const mostConditions = 50;

/** A rule as staff send it and as the table keeps it. */
export const ruleSchema: z.ZodMiniType<Rule> = unboundedRuleSchema.check(
  z.refine(
    (rule) => conditionsOf(rule).length <= mostConditions,
    `use at most ${mostConditions} conditions in one rule`,
  ),
);

/** Every condition of a rule, wherever it stands. */
export function conditionsOf(rule: Rule): readonly Condition[] {
  switch (rule.type) {
    case "all":
    case "any":
      return rule.rules.flatMap(conditionsOf);
    case "not":
      return conditionsOf(rule.rule);
    default:
      return [rule];
  }
}
