import { lateTimes } from "./rhythm.ts";
import type { Rule } from "./rule.ts";
import type { SegmentInput } from "./segment.ts";

/** A segment that an account begins with. It is ordinary data: change it, or replace it. */
export type ShippedSegment = SegmentInput & { readonly id: string };

/** Days without an order after which a customer has lapsed. */
const lapsedDays = 90;
/** Days without an order after which whoever has no rhythm yet is asked back; nobody is sooner. */
const askedBackDays = 30;
/** Days within which reading mail counts as engagement. */
export const engagedDays = 90;
/** Whoever is active with a lesser probability is as likely gone as not. */
export const likelyGone = 0.5;
/** Fewer mails than this leave open whether somebody reads them no more. */
export const fewestMails = 3;

const recently = (since: "lead" | "firstOrder" | "lastOrder" | "lastOpen" | "lastClick", lessThanDays: number) =>
  ({ type: "elapsed", since, lessThanDays }) as const;

const everRead: Rule = {
  type: "any",
  rules: [
    { type: "attribute", attribute: "opens", op: "gte", value: 1 },
    { type: "attribute", attribute: "clicks", op: "gte", value: 1 },
  ],
};

/** Mails were sent lately, and none was read. */
const unread: readonly Rule[] = [
  {
    type: "event",
    name: "Email Sent",
    where: [],
    measure: "count",
    op: "gte",
    value: fewestMails,
    withinDays: engagedDays,
  },
  { type: "not", rule: recently("lastOpen", engagedDays) },
  { type: "not", rule: recently("lastClick", engagedDays) },
];

/** Somebody said lately, by a low score, few stars or words, that they are not content (`discontent.ts`). */
const complained = (name: "Survey Answered" | "Feedback Received"): Rule => ({
  type: "event",
  name,
  where: [{ property: "discontent", op: "eq", value: true }],
  measure: "count",
  op: "gte",
  value: 1,
  withinDays: engagedDays,
});

/**
 * The ready-made segments.
 *
 * @param currency of the value tiers and of the champions
 * @param tiers while customers are few, net revenue in minor units from which one is of middle and of high value
 */
export function shippedSegments(
  currency: string,
  { midFrom, highFrom }: { readonly midFrom: number; readonly highFrom: number },
): readonly ShippedSegment[] {
  const tier = (value: "high" | "mid" | "low") =>
    ({ type: "valueTier", tier: value, currency, midFrom, highFrom }) as const;
  return [
    { id: "new", name: "New", rule: { type: "any", rules: [recently("lead", 30), recently("firstOrder", 30)] } },
    { id: "active", name: "Active customers", rule: recently("lastOrder", lapsedDays) },
    {
      id: "at-risk",
      name: "At risk",
      description:
        "As likely gone as not by the customer model, late against their own rhythm, reading mail no more, or not content by what they said; not lapsed yet.",
      rule: {
        type: "all",
        rules: [
          {
            type: "any",
            rules: [
              { type: "prediction", activeBelow: likelyGone },
              { type: "overdue", times: lateTimes },
              { type: "all", rules: [everRead, ...unread] },
              complained("Survey Answered"),
              complained("Feedback Received"),
            ],
          },
          recently("lastOrder", lapsedDays),
        ],
      },
    },
    { id: "lapsed", name: "Lapsed customers", rule: { type: "elapsed", since: "lastOrder", atLeastDays: lapsedDays } },
    {
      id: "past-cycle",
      name: "Past their buying cycle",
      description: "Late against the contact's own rhythm of ordering; after the first order, 30 days without another.",
      rule: {
        type: "all",
        rules: [
          { type: "elapsed", since: "lastOrder", atLeastDays: askedBackDays },
          {
            type: "any",
            rules: [
              { type: "overdue", times: lateTimes },
              { type: "attribute", attribute: "orders", op: "eq", value: 1 },
            ],
          },
        ],
      },
    },
    { id: "high-value", name: "High value", rule: tier("high") },
    { id: "mid-value", name: "Middle value", rule: tier("mid") },
    { id: "low-value", name: "Low value", rule: tier("low") },
    {
      id: "champions",
      name: "Champions",
      description: "Ordered lately, often and for much, beside the other customers.",
      rule: { type: "rfm", recency: [4, 5], frequency: [4, 5], money: [4, 5], currency },
    },
    {
      id: "engaged",
      name: "Engaged",
      description: "Opened or clicked lately, as far as can be told: what is surely a machine's does not count.",
      rule: { type: "any", rules: [recently("lastOpen", engagedDays), recently("lastClick", engagedDays)] },
    },
    {
      id: "unengaged",
      name: "Unengaged",
      description: "Got three mails or more lately and opened none.",
      rule: { type: "all", rules: unread },
    },
    {
      id: "never-ordered",
      name: "Never ordered",
      rule: { type: "attribute", attribute: "orders", op: "eq", value: 0 },
    },
    { id: "cart-open", name: "Cart open", rule: { type: "attribute", attribute: "openCarts", op: "gte", value: 1 } },
  ];
}
