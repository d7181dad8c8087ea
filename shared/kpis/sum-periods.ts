import { setTimeout } from "node:timers/promises";
import type { Table } from "../table/client.ts";
import { addDays, localDateAt } from "./calendar.ts";
import { type Counted, readBefore, writeCounted } from "./count-store.ts";
import { sumGroups } from "./groups.ts";
import { activityOf, type Kpi, peopleName } from "./kpi.ts";
import type { Concerned, LongerPeriod } from "./longer-periods.ts";
import { addedUpFrom } from "./period.ts";
import { countOf, readGroups, readTallies } from "./snapshot-store.ts";
import { mergeSpans, type Span } from "./standing.ts";
import { readStandings } from "./standing-store.ts";
import { sumTallies, type Tally } from "./tally.ts";

export interface SumPeriods {
  readonly table: Table;
  readonly timeZone: string;
  readonly now: () => Date;
}

const attempts = 8;
const nameOf = ({ kind, start }: LongerPeriod) => `${kind}#${start}`;

/**
 * Adds up longer periods from what stands of their days and months. What stands of the periods themselves is read first,
 * then each part once for all of them; those that another roll-up writes meanwhile are added up anew, with what they are a
 * part of.
 *
 * @param concerned months before what is added up from them
 * @throws Error when others write faster than can be added up; the days' marks stay, so a later roll-up counts.
 */
export async function sumPeriods(options: SumPeriods, concerned: readonly Concerned[]): Promise<void> {
  let waiting = concerned;
  for (let attempt = 0; waiting.length > 0; attempt++) {
    if (attempt === attempts) {
      const names = waiting.map(({ period }) => nameOf(period));
      throw new Error(`other roll-ups write ${names.join(", ")} faster than they can be added up`);
    }
    if (attempt > 0) await setTimeout(Math.random() * 25 * 2 ** attempt);
    const overtaken = await sumOnce(options, waiting);
    waiting = waiting.flatMap((each) => {
      const { period } = each;
      // Whoever overtook this one may not be done writing: then all is written once more.
      if (overtaken.includes(period)) return { ...each, isTorn: true };
      return overtaken.some((part) => isPartOf(part, period)) ? each : [];
    });
  }
}

function isPartOf(part: LongerPeriod, { kind, start, end }: LongerPeriod): boolean {
  return addedUpFrom[kind] === part.kind && start <= part.start && part.start < end;
}

/** @returns those that another roll-up has written meanwhile */
async function sumOnce(options: SumPeriods, concerned: readonly Concerned[]): Promise<readonly LongerPeriod[]> {
  const { table, now } = options;
  const placeOf = ({ kind, start }: LongerPeriod) => ({ period: kind, start });
  const beforeOf = await readBefore(
    table,
    concerned.map(({ period }) => placeOf(period)),
  );
  const asOf = now().toISOString();
  const counted = await countPeriods(options, concerned);
  const overtaken: LongerPeriod[] = [];
  for (const { period, isTorn } of concerned) {
    const place = placeOf(period);
    const change = { before: beforeOf(place), counted: counted.get(nameOf(period)) ?? [], asOf, isTorn };
    if ((await writeCounted(table, place, change)) === "overtaken") overtaken.push(period);
  }
  return overtaken;
}

async function countPeriods(
  { table, timeZone, now }: SumPeriods,
  concerned: readonly Concerned[],
): Promise<ReadonlyMap<string, readonly Counted[]>> {
  const today = localDateAt(now(), timeZone);
  const periodsOf = Map.groupBy(
    concerned.flatMap(({ period, kpis }) => kpis.map((kpi) => ({ period, kpi }))),
    ({ kpi }) => kpi,
  );
  const standingIn = await readAllStandings(table, today, periodsOf);
  const counted = new Map<string, Counted[]>();
  for (const [kpi, of] of periodsOf) {
    const periods = of.map(({ period }) => period);
    for (const [period, { tally, groups }] of await sumParts(table, kpi, periods)) {
      const standing = standingIn(kpi, period);
      const each = { kpi, tally: { ...tally, ...(standing && { standing }) }, groups };
      counted.set(nameOf(period), [...(counted.get(nameOf(period)) ?? []), each]);
    }
  }
  return counted;
}

/** Who stayed active in all periods of all KPIs that ask: KPIs that ask for the same people have them read once. */
async function readAllStandings(
  table: Table,
  today: string,
  periodsOf: ReadonlyMap<Kpi, readonly { readonly period: LongerPeriod }[]>,
): Promise<(kpi: Kpi, period: LongerPeriod) => Tally["standing"]> {
  const nameOfActivity = (kpi: Kpi) => {
    const activity = activityOf(kpi);
    return activity && `${peopleName(activity)} ${activity.withinDays}`;
  };
  const standings = new Map<string, Tally["standing"]>();
  for (const [name, kpis] of Map.groupBy(periodsOf.keys(), nameOfActivity)) {
    const activity = kpis[0] && activityOf(kpis[0]);
    if (activity === undefined) continue;
    const periods = new Map(
      kpis.flatMap((kpi) => periodsOf.get(kpi) ?? []).map(({ period }) => [nameOf(period), period]),
    );
    const found = await readStandings({ table, activity, today, consistent: true }, [...periods.values()]);
    for (const [at, period] of [...periods.keys()].entries()) standings.set(`${name} ${period}`, found[at]);
  }
  return (kpi, period) => standings.get(`${nameOfActivity(kpi)} ${nameOf(period)}`);
}

type Sum = Pick<Counted, "tally" | "groups">;
/** What stands of a day or month. */
type Part = Pick<Sum, "groups"> & Partial<Pick<Sum, "tally">>;

/** Adds up a KPI's periods. A month that is itself among them is taken as it was added up here. */
async function sumParts(
  table: Table,
  kpi: Kpi,
  periods: readonly LongerPeriod[],
): Promise<readonly (readonly [LongerPeriod, Sum])[]> {
  const parts = { day: new Map<string, Part>(), month: new Map<string, Part>() };
  for (const kind of ["day", "month"] as const) {
    const spans = mergeSpans(periods.filter((period) => addedUpFrom[period.kind] === kind));
    for (const span of spans) await readParts(table, kpi, { kind, ...span }, parts[kind]);
  }
  const sums: (readonly [LongerPeriod, Sum])[] = [];
  for (const period of periods) {
    const within = [...parts[addedUpFrom[period.kind]]]
      .filter(([start]) => period.start <= start && start < period.end)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([, part]) => part);
    const groups = (kpi.slices ?? []).map((slice) => {
      return [
        slice,
        sumGroups(
          kpi,
          within.map((part) => part.groups[slice] ?? {}),
        ),
      ] as const;
    });
    const sum: Sum = {
      tally: sumTallies(
        kpi,
        within.flatMap(({ tally }) => tally ?? []),
      ),
      groups: Object.fromEntries(groups),
    };
    if (period.kind === "month") parts.month.set(period.start, sum);
    sums.push([period, sum]);
  }
  return sums;
}

async function readParts(
  table: Table,
  kpi: Kpi,
  { kind, start, end }: Span & { readonly kind: "day" | "month" },
  parts: Map<string, Part>,
): Promise<void> {
  const range = { period: kind, from: start, to: addDays(end, -1), consistent: true } as const;
  const slices = kpi.slices ?? [];
  const [tallies, ...groups] = await Promise.all([
    readTallies(table, kpi, range),
    ...slices.map((slice) => readGroups(table, { ...countOf(kpi), slice, ...range })),
  ]);
  for (const { start: at, tally } of tallies) parts.set(at, { tally, groups: {} });
  for (const { start: at, slice, groups: of } of groups.flat()) {
    const part = parts.get(at) ?? { groups: {} };
    parts.set(at, { ...part, groups: { ...part.groups, [slice]: of } });
  }
}
