import fc from "fast-check";
import { createEvent, type Event, type EventFacts } from "../../../shared/events/event.ts";

const contactId = "c1";

interface Given {
  readonly origin: string;
  readonly at: string;
  readonly heardAt?: string;
}

function event({ origin, at, heardAt }: Given, rest: Pick<EventFacts, "name" | "properties">): Event {
  return createEvent({
    contactId,
    origin: [origin],
    occurredAt: at,
    receivedAt: heardAt ?? at,
    source: "test",
    ...rest,
  });
}

export function submission(
  given: Given & { readonly fields?: Record<string, string>; readonly formId?: string; readonly utmSource?: string },
): Event {
  const { fields, formId = "contact", utmSource } = given;
  return event(given, {
    name: "Form Submitted",
    properties: {
      formId,
      formVersion: 1,
      fields: { email: "ada@example.com", ...fields },
      marketing: false,
      ...(utmSource !== undefined && { page: { utmSource } }),
    },
  });
}

export function order(
  given: Given & { readonly amount: number; readonly currency?: string; readonly test?: true },
): Event {
  const { origin, amount, currency = "EUR", test } = given;
  return event(given, {
    name: "Order Completed",
    properties: {
      orderId: origin,
      email: "ada@example.com",
      revenue: { amount, currency },
      products: [],
      ...(test && { test }),
    },
  });
}

export function engagement(given: Given & { readonly name: "Email Opened" | "Email Link Clicked" }): Event {
  return event(given, { name: given.name, properties: { messageKey: "welcome" } });
}

// Few instants, so that many events share one.
const instant = fc
  .integer({ min: 0, max: 12 })
  .map((minutes) => new Date(Date.UTC(2026, 0, 1, 0, minutes)).toISOString());
const name = fc.constantFrom("Ada", "Grace", "Édith", "");

function anyEvent(origin: string): fc.Arbitrary<Event> {
  return fc.oneof(
    fc
      .record({ at: instant, heardAt: instant, firstName: name, formId: fc.constantFrom("a", "b") })
      .map(({ firstName, ...rest }) => submission({ origin, fields: { firstName }, ...rest })),
    fc
      .record({
        at: instant,
        amount: fc.integer({ min: 0, max: 5_000 }),
        currency: fc.constantFrom("EUR", "USD"),
        test: fc.boolean(),
      })
      .map(({ test, ...rest }) => order({ origin, ...rest, ...(test && { test: true }) })),
    fc
      .record({ at: instant, name: fc.constantFrom("Email Opened" as const, "Email Link Clicked" as const) })
      .map((rest) => engagement({ origin, ...rest })),
  );
}

/** Histories of up to 80 distinct events: more than twice what a ring holds. */
export const history: fc.Arbitrary<Event[]> = fc
  .integer({ min: 1, max: 80 })
  .chain((length) => fc.tuple(...Array.from({ length }, (_, at) => anyEvent(`e${at}`))));

/** The events in any order, with any of them delivered again at any time. */
export function deliveriesOf(events: readonly Event[]): fc.Arbitrary<Event[]> {
  const again = fc.array(fc.constantFrom(...events), { maxLength: 40 });
  return again.chain((more) => {
    const all = [...events, ...more];
    return fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length });
  });
}
