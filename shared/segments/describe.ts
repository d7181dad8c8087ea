import { currencyDigits } from "../intake/money.ts";
import type { Moment } from "./attributes.ts";
import type { Comparison, Operator } from "./comparison.ts";
import type { Condition, EventCondition, Rule } from "./rule.ts";

/** A rule in one line of plain words. */
export function describe(rule: Rule): string {
  return wordsOf(rule, false);
}

function wordsOf(rule: Rule, isInside: boolean): string {
  switch (rule.type) {
    case "all":
      return joined(rule.rules, " and ", isInside);
    case "any":
      return joined(rule.rules, " or ", isInside);
    case "not":
      return `not (${wordsOf(rule.rule, false)})`;
    default:
      return conditionWords(rule);
  }
}

function joined(rules: readonly Rule[], word: string, isInside: boolean): string {
  const words = rules.map((each) => wordsOf(each, rules.length > 1)).join(word);
  return isInside && rules.length > 1 ? `(${words})` : words;
}

function conditionWords(condition: Condition): string {
  switch (condition.type) {
    case "attribute":
      return attributeWords(condition);
    case "elapsed":
      return elapsedWords(condition);
    case "overdue":
      return `is late to order: ${condition.times} times the contact's own usual gap has passed since the last order`;
    case "prediction":
      return `is active with a probability below ${condition.activeBelow}, by the customer model`;
    case "consent":
      return consentWords[condition.is] + (condition.topic === undefined ? "" : ` on the topic ${condition.topic}`);
    case "channel":
      return `is to be reached by ${channelWords[condition.is]}`;
    case "suppressed":
      return "gets no e-mail: the address bounced or complained";
    case "event":
      return eventWords(condition);
    case "segment":
      return `is in the segment ${condition.segmentId}`;
    case "valueTier":
      return tierWords(condition);
    case "rfm":
      return rfmWords(condition);
  }
}

const consentWords = {
  subscribed: "may get marketing e-mail",
  pending: "has not confirmed the subscription yet",
  unsubscribed: "has unsubscribed from marketing e-mail",
  never: "was never subscribed to marketing e-mail",
} as const;

const channelWords = { email: "e-mail", sms: "text message", phone: "phone" } as const;

const operatorWords: Readonly<Record<Operator, string>> = {
  eq: "is",
  ne: "is not",
  gt: "is more than",
  gte: "is at least",
  lt: "is less than",
  lte: "is at most",
  contains: "contains",
  in: "is one of",
  exists: "is known",
};

function attributeWords({ attribute, ...comparison }: Comparison & { readonly attribute: string }): string {
  if (attribute === "lead" || attribute === "customer") {
    return (comparison.op === "eq") === (comparison.value === true) ? `is a ${attribute}` : `is not a ${attribute}`;
  }
  const [group, name] = attribute.split(/\.(.*)/s);
  if (group === "revenue" && typeof comparison.value === "number" && name !== undefined) {
    return `revenue ${operatorWords[comparison.op]} ${money(comparison.value, name)}`;
  }
  return comparisonWords(attributeNames[attribute] ?? name ?? attribute, comparison);
}

const attributeNames: Readonly<Record<string, string>> = {
  email: "e-mail address",
  emailDomain: "e-mail domain",
  tags: "a tag",
  leadForm: "first form",
  leadSource: "first source",
  orders: "number of orders",
  opens: "number of opens",
  clicks: "number of clicks",
  openCarts: "number of open carts",
};

function comparisonWords(name: string, { op, value }: Comparison): string {
  if (op === "exists") return value === false ? `${name} is not known` : `${name} is known`;
  const words = [value].flat().map((each) => (typeof each === "string" ? `"${each}"` : String(each)));
  return `${name} ${operatorWords[op]} ${words.join(", ")}`;
}

const momentNames: Readonly<Record<Moment, string>> = {
  lastOrder: "the last order",
  firstOrder: "the first order",
  lead: "becoming a lead",
  lastActivity: "the last activity",
  lastOpen: "the last opened e-mail",
  lastClick: "the last click in an e-mail",
  lastCart: "the last change of an open cart",
  created: "the first contact",
};

function elapsedWords(condition: Extract<Condition, { type: "elapsed" }>): string {
  const { since, atLeastDays, lessThanDays } = condition;
  const parts = [
    ...(atLeastDays === undefined ? [] : [`at least ${days(atLeastDays)}`]),
    ...(lessThanDays === undefined ? [] : [`less than ${days(lessThanDays)}`]),
  ];
  return `${parts.join(" but ")} since ${momentNames[since]}`;
}

function eventWords(condition: EventCondition): string {
  const { name, where, withinDays } = condition;
  const what =
    where.length === 0 ? "" : ` with ${where.map((each) => comparisonWords(each.property, each)).join(" and ")}`;
  const when = withinDays === undefined ? "" : ` in the last ${days(withinDays)}`;
  switch (condition.measure) {
    case "never":
      return `no "${name}"${what}${when}`;
    case "first":
    case "last":
      return `the ${condition.measure} "${name}" ${`${what}${when}` === "" ? "is known" : `came${what}${when}`}`;
    case "sum":
      return `the sum of ${condition.property} of "${name}"${what}${when} ${operatorWords[condition.op]} ${condition.value}`;
    case "count":
      return `"${name}"${what} ${countWords[condition.op]} ${times(condition.value)}${when}`;
  }
}

const countWords = {
  eq: "exactly",
  ne: "not exactly",
  gt: "more than",
  gte: "at least",
  lt: "less than",
  lte: "at most",
} as const;

const tierNames = {
  high: "high value, the top fifth of customers",
  mid: "middle value, the next three tenths of customers",
  low: "low value, the lower half of customers",
} as const;

function tierWords({ tier, currency }: Extract<Condition, { type: "valueTier" }>): string {
  return `is of ${tierNames[tier]} by revenue in ${currency}`;
}

function rfmWords({ recency, frequency, money, currency }: Extract<Condition, { type: "rfm" }>): string {
  const parts = [
    ...(recency === undefined ? [] : [`recency ${scoreWords(recency)}`]),
    ...(frequency === undefined ? [] : [`frequency ${scoreWords(frequency)}`]),
    ...(money === undefined ? [] : [`revenue in ${currency} ${scoreWords(money)}`]),
  ];
  return `is a customer with ${parts.join(", ")} of 5`;
}

function scoreWords(scores: readonly number[]): string {
  return [...new Set(scores)].sort().join(" or ");
}

function money(amount: number, currency: string): string {
  const digits = currencyDigits(currency);
  return `${(amount / 10 ** digits).toFixed(digits)} ${currency}`;
}

function days(count: number): string {
  return count === 1 ? "1 day" : `${count} days`;
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}
