import { isDeepStrictEqual } from "node:util";
import { DomainError } from "../errors.ts";
import { isStanding, type Schedule, type Stored, type Subscription, type SubscriptionInput } from "./subscription.ts";

interface Change {
  /** The version that it was made from; undefined for a new subscription. */
  readonly expected: number | undefined;
  readonly now: Date;
  readonly by: string;
}

/**
 * The version after the one that stands. A new time, and a new beginning after a stop, count from the change on; all else keeps what
 * is due.
 *
 * @throws DomainError not_found, already_exists or version_conflict when the change was made from another
 */
export function nextSubscription(
  before: Stored | undefined,
  id: string,
  input: SubscriptionInput,
  { expected, now, by }: Change,
): Subscription {
  const standing = isStanding(before) ? before : undefined;
  if (expected !== undefined && standing === undefined)
    throw new DomainError("not_found", `There is no digest ${id} yet. Leave out If-Match.`);
  if (standing !== undefined && standing.version !== expected)
    throw new DomainError(
      expected === undefined ? "already_exists" : "version_conflict",
      `The digest ${id} is at version ${standing.version}. Read it, then send If-Match: "${standing.version}".`,
    );
  const at = now.toISOString();
  const version = (before?.version ?? 0) + 1;
  const since = standing !== undefined && goesOn(standing, input) ? standing.since : at;
  return { id, ...input, since, version, updatedAt: at, updatedBy: by };
}

function goesOn(standing: Subscription, input: SubscriptionInput): boolean {
  return standing.stoppedAt === undefined && isDeepStrictEqual(timesOf(standing), timesOf(input));
}

function timesOf({ weekdays = [], dayOfMonth, hour, timeZone }: Schedule) {
  return { weekdays: weekdays.toSorted(), dayOfMonth, hour, timeZone };
}
