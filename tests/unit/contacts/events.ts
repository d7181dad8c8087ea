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
  given: Given & {
    readonly amount: number;
    readonly currency?: string;
    readonly test?: true;
    readonly cart?: string;
    readonly email?: string;
  },
): Event {
  const { origin, amount, currency = "EUR", test, cart, email = "ada@example.com" } = given;
  return event(given, {
    name: "Order Completed",
    properties: {
      orderId: origin,
      email,
      revenue: { amount, currency },
      products: [],
      ...(test && { test }),
      ...(cart !== undefined && { cartId: cart }),
    },
  });
}

export function engagement(
  given: Given & { readonly name: "Email Opened" | "Email Link Clicked"; readonly machine?: true },
): Event {
  const { name, machine } = given;
  return event(given, { name, properties: { messageKey: "welcome", ...(machine && { machine }) } });
}

/** An event of the timeline by its name and properties. */
export function told(given: Given & { readonly name: string; readonly properties: Record<string, unknown> }): Event {
  return event(given, { name: given.name, properties: given.properties });
}

/** An event of a cart, about mugs of 10.00. */
export function cartEvent(
  given: Given & {
    readonly name: "Product Added" | "Product Removed" | "Cart Viewed" | "Checkout Started";
    readonly cart?: string;
    readonly quantity?: number;
    readonly product?: string;
  },
): Event {
  const { name, cart, quantity = 1, product = "mug" } = given;
  const line = { productId: product, name: product, quantity, price: { amount: 1_000, currency: "EUR" } };
  const whole = name === "Cart Viewed" || name === "Checkout Started";
  const properties = {
    ...(cart !== undefined && { cartId: cart }),
    ...(name === "Checkout Started" && cart !== undefined && { checkoutId: `${cart}-checkout` }),
    ...(whole ? { products: [line] } : { product: line }),
  };
  return event(given, { name, properties });
}

// Few instants, so that many events share one.
const instant = fc
  .integer({ min: 0, max: 12 })
  .map((minutes) => new Date(Date.UTC(2026, 0, 1, 0, minutes)).toISOString());
const token = fc.constantFrom("cart-1", "cart-2", "cart-3", "cart-4", "cart-5", "cart-6", "cart-7");
const cartName = fc.constantFrom(
  "Product Added" as const,
  "Product Removed" as const,
  "Cart Viewed" as const,
  "Checkout Started" as const,
);
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
    fc
      .record({ at: instant, name: cartName, cart: token, quantity: fc.integer({ min: 1, max: 2 }) })
      .map(({ at, name, cart, quantity }) => cartEvent({ origin, at, name, cart, quantity })),
    fc
      .record({ at: instant, cart: token })
      .map(({ at, cart }) => told({ origin, at, name: "Cart Ended", properties: { cartId: cart, orderId: "o" } })),
    fc
      .record({ at: instant, amount: fc.integer({ min: 1, max: 5_000 }), cart: token })
      .map(({ at, amount, cart }) => order({ origin, at, amount, cart })),
    fc
      .record({
        at: instant,
        name: fc.constantFrom("Order Refunded", "Order Cancelled"),
        amount: fc.integer({ min: 1, max: 900 }),
        of: fc.integer({ min: 0, max: 25 }),
      })
      .map(({ at, name, amount, of }) =>
        told({
          origin,
          at,
          name,
          properties: { orderId: `e${of}`, revenue: { amount, currency: "EUR" }, products: [] },
        }),
      ),
    fc
      .record({
        at: instant,
        value: fc.integer({ min: 0, max: 3 }),
        trait: fc.integer({ min: 0, max: 70 }),
        browser: fc.boolean(),
        account: fc.boolean(),
      })
      .map(({ at, value, trait, browser, account }) =>
        told({
          origin,
          at,
          name: "Identified",
          properties: {
            fields: { company: `C${value}` },
            traits: { [`t${trait}`]: value, plan: value },
            email: `${["ada", "Ada", "grace", "a"][value]}@example.com`,
            ...(account && { userId: "u1" }),
            ...(browser && { browser: true }),
          },
        }),
      ),
    fc
      .record({ at: instant, name: fc.constantFrom("Tag Added", "Tag Removed"), tag: fc.integer({ min: 0, max: 60 }) })
      .map(({ at, name, tag }) => told({ origin, at, name, properties: { tag: `tag${tag % 3 === 0 ? "" : tag}` } })),
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
