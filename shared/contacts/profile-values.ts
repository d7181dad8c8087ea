import type { Event } from "../events/event.ts";
import type { Profile } from "./profile-schema.ts";

/** The earlier of two ISO 8601 instants. */
export function earlier(held: string | undefined, given: string): string {
  return held !== undefined && held < given ? held : given;
}

/** The later of two ISO 8601 instants. */
export function later(held: string | undefined, given: string): string {
  return held !== undefined && held > given ? held : given;
}

/** A sender's clock that runs ahead must not keep a contact at the top of the list. */
export function activityOf({ lastActivityAt }: Profile, { occurredAt, receivedAt }: Event): string {
  return later(lastActivityAt, earlier(receivedAt, occurredAt));
}

interface Told {
  readonly value: string | number | boolean;
  readonly at: string;
  readonly firm?: true | undefined;
}

/** The value that was told first; of two of one instant, the one that sorts first. */
export function firstOf<Value extends Told>(held: Value | undefined, given: Value | undefined): Value | undefined {
  if (held === undefined || given === undefined) return held ?? given;
  return `${given.at}${given.value}` < `${held.at}${held.value}` ? given : held;
}

/**
 * The value that stands: what a shop or a colleague says stands over what anybody typed into a form; of theirs the
 * latest, of the others the first, since public input fills blanks only.
 */
export function standing<Value extends Told>(held: Value | undefined, given: Value): Value {
  if (held === undefined) return given;
  if (held.firm !== given.firm) return held.firm ? held : given;
  const first = firstOf(held, given) ?? given;
  if (!given.firm) return first;
  return first === given ? held : given;
}
