import { standingsFor } from "../consent/consent.ts";
import { marketableUntil, mayMarket } from "../consent/policy.ts";
import type { Standing } from "../consent/standing.ts";
import { purchasesIn } from "../contacts/purchase-rules.ts";
import { firstDayBelow } from "../customers/activity.ts";
import { cancelledInFull } from "../events/cancelled-orders.ts";
import { isTestOrder } from "../events/test-order.ts";
import { attributeValues, momentOf } from "./attributes.ts";
import { channelsOf } from "./channel.ts";
import { compares, matchesWhere, valuesAt } from "./comparison.ts";
import { frequencyScore, moneyScore, recencyFalls, recencyScore, tierOf } from "./cut-points.ts";
import type { FactEvent, Facts } from "./facts.ts";
import { overdueAt } from "./rhythm.ts";
import { type Condition, conditionsOf, type EventCondition, type Rule } from "./rule.ts";

export interface Evaluation {
  readonly member: boolean;
  /** Until then time alone does not change the answer, ISO 8601; absent when it never does. */
  readonly changesAt?: string;
}

export const dayMilliseconds = 86_400_000;

/** After so many instants without a change of the answer the rule is simply looked at again at the next one. */
const instantsTried = 64;

/** Whether the facts fit the rule at an instant, and until when that holds without new facts. Pure. */
export function evaluate(rule: Rule, facts: Facts, now: Date): Evaluation {
  const member = fits(rule, facts, now.getTime());
  const instants = turningPoints(rule, facts).filter((at) => at > now.getTime());
  const ahead = [...new Set(instants)].sort((a, b) => a - b).slice(0, instantsTried);
  const change = ahead.find((at) => fits(rule, facts, at) !== member);
  const changesAt = change ?? (ahead.length === instantsTried ? ahead.at(-1) : undefined);
  return changesAt === undefined ? { member } : { member, changesAt: new Date(changesAt).toISOString() };
}

function fits(rule: Rule, facts: Facts, now: number): boolean {
  switch (rule.type) {
    case "all":
      return rule.rules.every((each) => fits(each, facts, now));
    case "any":
      return rule.rules.some((each) => fits(each, facts, now));
    case "not":
      return !fits(rule.rule, facts, now);
    default:
      return holds(rule, facts, now);
  }
}

function holds(condition: Condition, facts: Facts, now: number): boolean {
  switch (condition.type) {
    case "attribute":
      return compares(condition, attributeValues(facts.contact, condition.attribute));
    case "elapsed": {
      const at = momentOf(facts.contact, condition.since);
      if (at === undefined) return false;
      const { atLeastDays, lessThanDays } = condition;
      const reached = (days: number) => now >= after(at, days);
      return (
        (atLeastDays === undefined || reached(atLeastDays)) && (lessThanDays === undefined || !reached(lessThanDays))
      );
    }
    case "overdue": {
      const at = overdueAt(condition.times, facts.contact);
      return at !== undefined && now >= at;
    }
    case "prediction": {
      const at = likelyGoneAt(condition, facts);
      return at !== undefined && now >= at;
    }
    case "consent":
      return consentState(condition, facts, now) === condition.is;
    case "channel":
      return channelsOf(facts).includes(condition.is);
    case "suppressed":
      return facts.suppressed;
    case "event":
      return eventHolds(condition, facts.events, now);
    case "segment":
      return facts.memberOf.has(condition.segmentId);
    case "valueTier":
      return (
        tierOf(facts.contact.revenue[condition.currency] ?? 0, condition.currency, facts.cutPoints, condition) ===
        condition.tier
      );
    case "rfm":
      return rfmHolds(condition, facts, now);
  }
}

/** Instants at which a condition may begin or cease to hold. */
function turningPoints(rule: Rule, facts: Facts): readonly number[] {
  return conditionsOf(rule).flatMap((condition) => turningPointsOf(condition, facts));
}

function turningPointsOf(condition: Condition, facts: Facts): readonly number[] {
  if (condition.type === "elapsed") {
    const at = momentOf(facts.contact, condition.since);
    if (at === undefined) return [];
    return [condition.atLeastDays, condition.lessThanDays].flatMap((days) =>
      days === undefined ? [] : after(at, days),
    );
  }
  if (condition.type === "overdue") return present(overdueAt(condition.times, facts.contact));
  if (condition.type === "prediction") return present(likelyGoneAt(condition, facts));
  if (condition.type === "consent") return consentTurns(condition, facts);
  if (condition.type === "rfm") {
    const at = momentOf(facts.contact, "lastOrder");
    return condition.recency === undefined || at === undefined ? [] : recencyFalls(at, facts.cutPoints);
  }
  if (condition.type !== "event") return [];
  const { name, withinDays } = condition;
  return facts.events
    .filter((event) => event.name === name)
    .map(({ occurredAt }) => Date.parse(occurredAt))
    .flatMap((at) => (withinDays === undefined ? [at] : [at, after(at, withinDays)]));
}

function present(instant: number | undefined): readonly number[] {
  return instant === undefined ? [] : [instant];
}

/** When a customer who buys no more is active with a lesser probability: it only falls until the next purchase. */
function likelyGoneAt(
  { activeBelow }: Extract<Condition, { type: "prediction" }>,
  { contact, activity }: Facts,
): number | undefined {
  const purchases = purchasesIn(contact);
  if (purchases === undefined || activity === undefined) return undefined;
  const day = firstDayBelow(activity, purchases, activeBelow);
  return day === undefined ? undefined : day * dayMilliseconds;
}

/** A whole number of milliseconds, so that an instant tried is an instant that can be told. */
function after(at: number, days: number): number {
  return at + Math.ceil(days * dayMilliseconds);
}

type ConsentCondition = Extract<Condition, { type: "consent" }>;

/** Segments count who agreed; what a country's law lets suffice besides is decided for each mail. */
function groundsOf({ topic }: ConsentCondition, { consent }: Facts) {
  return { standings: standingsFor(consent, topic), policy: "subscribed" } as const;
}

/** An agreement may end; a box that waits for its confirmation waits no more after a while. */
function consentTurns(condition: ConsentCondition, facts: Facts): readonly number[] {
  const grounds = groundsOf(condition, facts);
  const waiting = grounds.standings.flatMap(({ pendingUntil }) => pendingUntil ?? []).map((at) => Date.parse(at));
  return [...waiting, ...present(marketableUntil(grounds))].filter(Number.isFinite);
}

function consentState(condition: ConsentCondition, facts: Facts, now: number): ConsentCondition["is"] {
  const grounds = groundsOf(condition, facts);
  const { standings } = grounds;
  if (mayMarket(grounds, new Date(now))) return "subscribed";
  const waits = ({ state, pendingUntil }: Standing) =>
    state === "pending" && (pendingUntil === undefined || now < Date.parse(pendingUntil));
  if (standings.some(waits)) return "pending";
  const hasLeft = ({ state, withdrawnAt }: Standing) => state === "withdrawn" || withdrawnAt !== undefined;
  return standings.some(hasLeft) ? "unsubscribed" : "never";
}

function eventHolds(condition: EventCondition, events: readonly FactEvent[], now: number): boolean {
  const isCancelled = cancelledInFull(events);
  const hasCome = ({ occurredAt }: FactEvent) => Date.parse(occurredAt) <= now;
  const named = events
    .filter((event) => event.name === condition.name && hasCome(event))
    .filter((event) => !isTestOrder(event) && !isCancelled(event));
  const matches = ({ properties }: FactEvent) => matchesWhere(condition.where, properties);
  const isRecent = ({ occurredAt }: FactEvent) =>
    condition.withinDays === undefined || now < after(Date.parse(occurredAt), condition.withinDays);
  if (condition.measure === "first" || condition.measure === "last") {
    const one = endOf(condition.measure, named);
    return one !== undefined && matches(one) && isRecent(one);
  }
  const counted = named.filter((event) => isRecent(event) && matches(event));
  if (condition.measure === "never") return counted.length === 0;
  if (condition.measure === "count") return compares(condition, [counted.length]);
  return compares(condition, [sumOf(counted, condition.property)]);
}

function endOf(end: "first" | "last", events: readonly FactEvent[]): FactEvent | undefined {
  const sorted = events.toSorted((a, b) => (a.occurredAt < b.occurredAt ? -1 : Number(a.occurredAt > b.occurredAt)));
  return sorted.at(end === "first" ? 0 : -1);
}

function sumOf(events: readonly FactEvent[], property: string): number {
  return events
    .flatMap(({ properties }) => valuesAt(properties, property))
    .reduce<number>((sum, value) => sum + (typeof value === "number" ? value : 0), 0);
}

/** Only customers have ranks; for money, those who brought any in its currency. */
function rfmHolds(
  { recency, frequency, money, currency }: Extract<Condition, { type: "rfm" }>,
  { contact, cutPoints }: Facts,
  now: number,
): boolean {
  const lastOrderAt = momentOf(contact, "lastOrder");
  if (lastOrderAt === undefined || contact.orders < 1) return false;
  if (recency !== undefined && !recency.includes(recencyScore(lastOrderAt, now, cutPoints))) return false;
  if (frequency !== undefined && !frequency.includes(frequencyScore(contact.orders, cutPoints))) return false;
  if (money === undefined || currency === undefined) return true;
  const revenue = contact.revenue[currency] ?? 0;
  return revenue > 0 && money.includes(moneyScore(revenue, currency, cutPoints));
}
