import { cancelledInFull } from "../events/cancelled-orders.ts";
import { contactOf, type Event } from "../events/event.ts";
import { comesTooLateForCarts } from "./cart-rules.ts";
import { markOf, placeOf, remember } from "./folded-events.ts";
import { afterCancelledOrder, concernsCancelledOrder } from "./order-rules.ts";
import { type Rule, ruleOf } from "./profile-rules.ts";
import type { Profile } from "./profile-schema.ts";
import { earlier } from "./profile-values.ts";
import { lacksPurchases } from "./purchase-rules.ts";

/** Whether a profile says anything of such an event. */
export function concernsProfile(event: Readonly<Record<string, unknown>>): boolean {
  return ruleOf(event) !== undefined;
}

/** Whether the profile holds the event already, surely does not, or can only tell by reading the whole partition. */
export function position(profile: Profile | undefined, event: Event): "folded" | "late" | "new" {
  const place = placeOf(profile, markOf(event));
  if (place !== "new") return place === "folded" ? place : "late";
  if (profile === undefined) return "new";
  const needsAll =
    lacksPurchases(profile) || comesTooLateForCarts(profile, event) || concernsCancelledOrder(profile, event);
  return needsAll ? "late" : "new";
}

/**
 * The profile after an event. Commutative and idempotent.
 *
 * @throws RangeError for an event that comes too late: refold the whole partition instead.
 */
export function fold(profile: Profile | undefined, event: Event): Profile {
  const place = position(profile, event);
  if (place === "late") throw new RangeError("the event lies before what the profile can still tell apart");
  const before = profile ?? emptyProfile(event);
  return place === "folded" ? before : apply(before, event, ruleOf(event));
}

function apply(before: Profile, event: Event, rule: Rule | undefined): Profile {
  if (rule === undefined) return before;
  const createdAt = earlier(before.createdAt, event.receivedAt);
  return { ...before, ...rule(before, event), createdAt, ...remember(before, markOf(event)) };
}

/** The profile of a whole history, in whatever order it comes; undefined when nothing in it concerns one. */
export function refold(events: readonly Event[]): Profile | undefined {
  const isCancelled = cancelledInFull(events);
  const unique = [...new Map(events.map((event) => [markOf(event), event])).values()];
  return unique
    .filter((event) => concernsProfile(event))
    .toSorted((a, b) => (markOf(a) < markOf(b) ? -1 : 1))
    .reduce<Profile | undefined>(
      (profile, event) =>
        apply(profile ?? emptyProfile(event), event, isCancelled(event) ? afterCancelledOrder : ruleOf(event)),
      undefined,
    );
}

function emptyProfile(event: Event): Profile {
  return {
    contactId: contactOf(event),
    fields: {},
    traits: {},
    tags: [],
    tagMarks: {},
    orders: 0,
    revenue: {},
    ordered: {},
    refunded: {},
    takenBack: {},
    takenBackRest: {},
    carts: {},
    closedCarts: [],
    engagement: { opens: 0, clicks: 0 },
    createdAt: event.receivedAt,
    ring: [],
  };
}
