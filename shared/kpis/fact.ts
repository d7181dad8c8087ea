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
  /** One day's share of a cost. */
  Cost: { numbers: money.numbers, texts: [...money.texts, "kind", "campaign"] },
} as const satisfies Record<string, FactShape>;

export type Fact = keyof typeof factShapes;
export const facts = Object.keys(factShapes) as unknown as readonly [Fact, ...Fact[]];

/** The names of what every one of some facts carries. */
export function sharedBy(of: readonly Fact[], kind: keyof FactShape): readonly string[] {
  const [first = [], ...others] = of.map((fact): readonly string[] => factShapes[fact][kind]);
  return first.filter((name) => others.every((names) => names.includes(name)));
}
