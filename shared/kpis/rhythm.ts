import { addDays } from "./calendar.ts";
import { type Distinct, membersOf, reachOf } from "./distinct.ts";

/** How an account's customers buy again. */
export interface Rhythm {
  /** So many days nine of ten of its gaps between orders do not exceed. */
  readonly days: number;
  /** How many gaps tell it. */
  readonly gaps: number;
}

/** Days that are looked at: a gap that is longer is none that an order could end. */
export const rhythmDays = 400;
/** An account younger than a year has had no time for its long gaps. */
const leastDays = 365;
const leastGaps = 100;
const share = 0.9;

/**
 * The 90th percentile of the gaps between the days on which the same person ordered; undefined before a year of days and a
 * hundred gaps tell it. Of more people a day than a set keeps, an even sample is followed through all days.
 *
 * @param peopleOf who ordered, by local date
 */
export function rhythmOf(peopleOf: ReadonlyMap<string, Distinct>): Rhythm | undefined {
  const days = [...peopleOf].sort(([one], [other]) => (one < other ? -1 : 1));
  const [first, last] = [days[0]?.[0], days.at(-1)?.[0]];
  if (first === undefined || last === undefined || last < addDays(first, leastDays)) return undefined;
  const reach = days.flatMap(([, people]) => reachOf(people) ?? []).sort()[0];
  const latest = new Map<string, number>();
  const gaps: number[] = [];
  for (const [day, people] of days) {
    const at = Date.parse(day) / 86_400_000;
    for (const person of membersOf(people)) {
      if (reach !== undefined && person > reach) continue;
      const before = latest.get(person);
      if (before !== undefined) gaps.push(at - before);
      latest.set(person, at);
    }
  }
  if (gaps.length < leastGaps) return undefined;
  const ranked = gaps.sort((one, other) => one - other);
  return { days: ranked[Math.ceil(share * ranked.length) - 1] ?? 0, gaps: ranked.length };
}
