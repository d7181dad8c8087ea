import { contactOf, type Event } from "../events/event.ts";
import { markOf, placeOf, remember } from "./folded-events.ts";
import { earlier, rules } from "./profile-rules.ts";
import type { Profile } from "./profile-schema.ts";

/** Whether a profile says anything of such events. */
export function concernsProfile({ name }: Readonly<Record<string, unknown>>): boolean {
  return typeof name === "string" && rules[name] !== undefined;
}

/** Whether the profile holds the event already, surely does not, or can only tell by reading the whole partition. */
export function position(profile: Profile | undefined, event: Event): "folded" | "below floor" | "new" {
  return placeOf(profile, markOf(event));
}

/**
 * The profile after an event. Commutative and idempotent.
 *
 * @throws RangeError for an event below the floor: refold the whole partition instead.
 */
export function fold(profile: Profile | undefined, event: Event): Profile {
  const place = position(profile, event);
  if (place === "below floor") throw new RangeError("the event lies below the profile's floor");
  const before = profile ?? emptyProfile(event);
  const rule = rules[event.name];
  if (place === "folded" || rule === undefined) return before;
  const createdAt = earlier(before.createdAt, event.receivedAt);
  return { ...before, ...rule(before, event), createdAt, ...remember(profile, markOf(event)) };
}

/** The profile of a whole history, in whatever order it comes; undefined when nothing in it concerns one. */
export function refold(events: readonly Event[]): Profile | undefined {
  return events
    .filter((event) => concernsProfile(event))
    .toSorted((a, b) => (markOf(a) < markOf(b) ? -1 : 1))
    .reduce<Profile | undefined>(fold, undefined);
}

function emptyProfile(event: Event): Profile {
  return {
    contactId: contactOf(event),
    fields: {},
    orders: 0,
    revenue: {},
    engagement: { opens: 0, clicks: 0 },
    createdAt: event.receivedAt,
    ring: [],
  };
}
