import { dayOf, type Purchases } from "../customers/purchase-history.ts";
import type { Event } from "../events/event.ts";
import type { Money } from "../intake/money.ts";
import { ringSize } from "./folded-events.ts";
import type { Profile } from "./profile-schema.ts";

/**
 * Days of purchases that a profile remembers one by one: one more than its ring. A new event lies above the ring's floor, so
 * the orders of later days are all in the ring, and its own day is among those remembered if it was ever counted.
 */
const daysRemembered = ringSize + 1;

type Held = NonNullable<Profile["purchases"]>;

/** The days of purchases after a paid order: all orders of a UTC day are one purchase. Taking back undoes none. */
export function withPurchase(held: Profile["purchases"], event: Event, paid: Money): Held {
  const day = Math.max(0, dayOf(event.occurredAt));
  const first = firstAfter(held?.first, day, paid);
  if (held === undefined) return { count: 1, days: [day], first };
  if (held.days.includes(day)) return { ...held, first };
  const days = [...held.days, day].sort((a, b) => a - b).slice(-daysRemembered);
  return { count: held.count + 1, days, first };
}

function firstAfter(first: Held["first"] | undefined, day: number, { amount, currency }: Money): Held["first"] {
  if (first === undefined || day < first.day) return { day, ordered: { [currency]: amount } };
  if (day > first.day) return first;
  const sum = Math.min((first.ordered[currency] ?? 0) + amount, Number.MAX_SAFE_INTEGER);
  return { day, ordered: { ...first.ordered, [currency]: sum } };
}

/** The purchases that a profile tells of; undefined of who has not bought. */
export function purchasesIn({ purchases }: Pick<Profile, "purchases">): Purchases | undefined {
  const last = purchases?.days.at(-1);
  return purchases === undefined || last === undefined
    ? undefined
    : { count: purchases.count, first: purchases.first.day, last };
}

/** A profile of before purchases were counted is folded anew from its whole history. */
export function lacksPurchases({ customerAt, purchases }: Profile): boolean {
  return customerAt !== undefined && purchases === undefined;
}
