import * as z from "zod/mini";

/** What an entry says of its fact beside when and who: numbers to add up or compare, texts to select and slice by. */
interface FactShape {
  readonly numbers: readonly string[];
  readonly texts: readonly string[];
}

/** Money in minor units of its currency. `lag` is in seconds. */
const money = { numbers: ["amount"], texts: ["currency"] } as const;
const deal = ["owner", "pipeline", "source"] as const;
const ticket = ["channel", "owner", "team", "priority", "source"] as const;

/** What KPIs count, and what is known of each. Events keep their names; a lead, a customer and a conversion are a contact's. */
export const factShapes = {
  lead: { numbers: [], texts: ["source", "form"] },
  customer: { numbers: [], texts: [] },
  /** A lead who became a customer, on the day of the lead; `lag` is how long it took. */
  conversion: { numbers: ["lag"], texts: ["source", "form"] },
  "Order Completed": { numbers: money.numbers, texts: [...money.texts, "source", "coupon"] },
  "Order Refunded": { numbers: money.numbers, texts: [...money.texts, "source", "reason"] },
  "Order Cancelled": { numbers: money.numbers, texts: [...money.texts, "source", "reason"] },
  /** An order by the campaign of the last click before it, less what has been taken back of it since. */
  "Order Attributed": { numbers: money.numbers, texts: [...money.texts, "campaign"] },
  "Deal Created": { numbers: money.numbers, texts: [...money.texts, ...deal] },
  /** `lag` is from the deal's creation to its close. */
  "Deal Won": { numbers: [...money.numbers, "lag"], texts: [...money.texts, ...deal, "reason"] },
  "Deal Lost": { numbers: [...money.numbers, "lag"], texts: [...money.texts, ...deal, "reason"] },
  "Ticket Opened": { numbers: [], texts: ticket },
  /** `lag` is from opening the ticket. */
  "Ticket First Reply": { numbers: ["lag"], texts: ticket },
  "Ticket Resolved": { numbers: ["lag"], texts: ticket },
  /** `answer` is `score`, `n/a`, `blank` or, of free questions, `text`; only the first has a score. */
  "Survey Answered": { numbers: ["score"], texts: ["survey", "kind", "channel", "language", "answer"] },
  /** An invitation that has come, and the answer to one, both when it was sent; `lag` is until the first word. */
  "Survey Invited": { numbers: [], texts: ["survey", "channel"] },
  "Survey Response": { numbers: ["lag"], texts: ["survey", "channel"] },
  /** Reviews, mentions, suggestions and the comments of surveys. `sentiment` is −1 to 1. */
  "Feedback Received": { numbers: ["sentiment", "rating"], texts: ["kind", "source", "language"] },
  /** An action of a review on the day by which it was due: `outcome` is `kept`, `late`, `dropped` or `open`. */
  "Promise Due": { numbers: [], texts: ["owner", "review", "outcome"] },
  /** One day's share of a cost. */
  Cost: { numbers: money.numbers, texts: [...money.texts, "kind", "campaign"] },
} as const satisfies Record<string, FactShape>;

/** A fact of the product's own, or any other event by its name: `event:Webinar Attended`. */
export type Fact = keyof typeof factShapes | EventFact;
export type EventFact = `event:${string}`;
export const facts = Object.keys(factShapes) as readonly (keyof typeof factShapes)[];

const eventPrefix = "event:";

export const factSchema = z.union(
  [z.enum(facts), z.templateLiteral([eventPrefix, z.string().check(z.minLength(1), z.maxLength(100))])],
  `there is no such fact; there are ${facts.join(", ")}, and any other event as event:<its name>`,
);

export function isEventFact(fact: Fact): fact is EventFact {
  return fact.startsWith(eventPrefix);
}

/** The name of the event that a fact is; undefined of the product's own facts. */
export function eventNameOf(fact: Fact): string | undefined {
  return isEventFact(fact) ? fact.slice(eventPrefix.length) : undefined;
}

export function eventFact(name: string): EventFact {
  return `${eventPrefix}${name}`;
}

/** Properties of other events may be asked for by plain names; those that say who somebody is may not. */
const plainName = /^[A-Za-z_][A-Za-z0-9_-]{0,49}$/;
const personal = /e-?mail|phone|^(first|last|full|user)?_?-?name$|address|birth|password/i;

/** The names of what every one of some facts carries; undefined of other events, which carry what their senders say. */
export function sharedBy(of: readonly Fact[], kind: keyof FactShape): readonly string[] | undefined {
  const known = of.flatMap((fact): readonly (readonly string[])[] =>
    isEventFact(fact) ? [] : [factShapes[fact][kind]],
  );
  const [first, ...others] = known;
  return first?.filter((name) => others.every((names) => names.includes(name)));
}

/** Whether every one of some facts may carry a property. */
export function mayCarry(of: readonly Fact[], kinds: readonly (keyof FactShape)[], name: string): boolean {
  const isPlain = plainName.test(name) && !personal.test(name);
  return of.every((fact) =>
    isEventFact(fact) ? isPlain : kinds.some((kind) => (factShapes[fact][kind] as readonly string[]).includes(name)),
  );
}
