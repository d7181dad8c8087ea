import { addDays } from "../kpis/calendar.ts";
import { type Groups, noGroup, otherGroup } from "../kpis/groups.ts";

/** How far back days are read; what has been silent for longer has ended. */
export const silenceDays = 84;
/** The days up to the last one with events, by which a source is judged. */
const judgedDays = 28;
/** On so great a share of them it must have been there: a form of working days is on five of seven. */
const fewestPresent = 2 / 3;
/** A single day without anything is none. */
const fewestSilent = 2;

/** Stands for all sources of a slice, when each is silent. */
export const allGroups = "(all)";

export interface Silence {
  readonly group: string;
  /** The last day with events. */
  readonly since: string;
  /** Complete days without any since. */
  readonly days: number;
  /** The longest run of such days in the four weeks before. */
  readonly longestPause: number;
}

/**
 * Sources that came on nearly every day and now have been silent for longer than ever in the four weeks before. A day
 * that keeps small groups together as others does not tell who was silent.
 *
 * @param days groups by local date, from {@link silenceDays} before `today` to yesterday; days without facts may be missing
 */
export function silencesIn(days: ReadonlyMap<string, Groups>, today: string): readonly Silence[] {
  const present = new Map<string, Set<string>>();
  for (const [date, groups] of days) {
    for (const [group, { n, facts }] of Object.entries(groups)) {
      if (group === noGroup || group === otherGroup || (n === 0 && facts === 0)) continue;
      present.set(group, (present.get(group) ?? new Set()).add(date));
    }
  }
  const watched = [...present].flatMap(([group, dates]) => judge(group, dates, today) ?? []);
  const silent = watched.filter(({ days: gone, longestPause }) => gone >= fewestSilent && gone > longestPause);
  const told = silent.filter(({ since }) => isTold(days, since, today));
  if (watched.length > 1 && told.length === watched.length) return [together(told)];
  return told;
}

function judge(group: string, dates: ReadonlySet<string>, today: string): Silence | undefined {
  const since = [...dates].sort().at(-1);
  if (since === undefined) return undefined;
  let [seen, pause, longestPause] = [0, 0, 0];
  for (let back = 0; back < judgedDays; back++) {
    if (dates.has(addDays(since, -back))) {
      seen++;
      pause = 0;
    } else {
      pause++;
      longestPause = Math.max(longestPause, pause);
    }
  }
  if (seen < judgedDays * fewestPresent) return undefined;
  return { group, since, days: daysBetween(since, today) - 1, longestPause };
}

function isTold(days: ReadonlyMap<string, Groups>, since: string, today: string): boolean {
  for (let day = addDays(since, 1); day < today; day = addDays(day, 1)) {
    if (days.get(day)?.[otherGroup] !== undefined) return false;
  }
  return true;
}

/** When everything is silent, the cause is seldom in each source. */
function together(silent: readonly Silence[]): Silence {
  const last = silent.reduce((latest, each) => (each.since > latest.since ? each : latest));
  return { ...last, group: allGroups, longestPause: Math.min(...silent.map(({ longestPause }) => longestPause)) };
}

function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);
}
