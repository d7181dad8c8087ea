import type { KpiEntry } from "./entry.ts";

/**
 * Of each person the latest fact, as one text: for each the head of their hash (12 digits), the instant (8 digits to the
 * base of 36, in milliseconds) and where the fact counts (1 numerator, 2 what is taken off, 4 denominator), ordered by person.
 * Those of parts make that of the whole. As in `distinct.ts` the 2,048 smallest hashes are kept: up to so many people it is
 * exact; beyond, they are an even sample, by which the counts are estimated.
 */
export type Latest = string;

const digits = 12;
const width = digits + 8 + 1;
const most = 2048;
const places = { numerator: 1, less: 2, denominator: 4 } as const;

type Counting = Readonly<Record<keyof typeof places, readonly KpiEntry[]>>;

/** @param counting which of the facts each measure counts; a fact that none counts is nobody's latest */
export function latestOf(facts: readonly KpiEntry[], { numerator, less, denominator }: Counting): Latest {
  const of = new Map<KpiEntry, number>();
  const add = (entries: readonly KpiEntry[], place: number) => {
    for (const entry of entries) of.set(entry, (of.get(entry) ?? 0) + place);
  };
  add(numerator, places.numerator);
  add(less, places.less);
  add(denominator, places.denominator);
  return newest(
    facts.flatMap((entry) => {
      const place = of.get(entry);
      if (place === undefined) return [];
      const instant = Date.parse(entry.at).toString(36).padStart(8, "0");
      return [`${entry.person.slice(0, digits)}${instant}${place}`];
    }),
  );
}

export function unionOfLatest(sets: readonly Latest[]): Latest {
  return newest(sets.flatMap(membersOf));
}

/** What the people of a set count for. */
export function countsOfLatest(set: Latest, divides: boolean) {
  const members = membersOf(set);
  const count = (mask: number) => Math.round(members.filter((member) => (placeOf(member) & mask) > 0).length * scale);
  const scale = scaleOf(members);
  const numerator = count(places.numerator) - count(places.less);
  const n = count(divides ? places.denominator : places.numerator);
  return { numerator, denominator: divides ? n : null, n, facts: count(places.numerator | places.less) };
}

/** How many people stand behind each that is kept: by how densely the smallest hashes lie. */
function scaleOf(members: readonly string[]): number {
  const last = members.at(-1);
  if (last === undefined || members.length < most) return 1;
  return (most - 1) / (Number.parseInt(last.slice(0, digits), 16) / 16 ** digits) / members.length;
}

function newest(members: readonly string[]): Latest {
  // Ordered by person, then by instant: the last of a person is the latest.
  const byPerson = new Map(members.toSorted().map((member) => [member.slice(0, digits), member] as const));
  return [...byPerson.values()].slice(0, most).join("");
}

function placeOf(member: string): number {
  return Number(member.at(-1));
}

function membersOf(set: Latest): readonly string[] {
  return Array.from({ length: set.length / width }, (_, at) => set.slice(at * width, (at + 1) * width));
}
