import type { Table } from "../table/client.ts";
import { addDays } from "./calendar.ts";
import { activityOf, type Kpi } from "./kpi.ts";
import { readTallies } from "./snapshot-store.ts";
import { mergeSpans, type Span, standingIn, windowsOf } from "./standing.ts";
import type { Tally } from "./tally.ts";

export interface StandingOptions {
  readonly table: Table;
  readonly kpi: Kpi;
  /** The local date of now: of a span that still runs, who is active by the end of it. */
  readonly today: string;
  readonly consistent?: boolean;
}

/**
 * Who was active when each of some spans began, and is no more when it ends, from the days' people; undefined of a KPI
 * that does not ask. It reads `withinDays` days before each span and before its end.
 */
export async function readStandings(
  { table, kpi, today, consistent = false }: StandingOptions,
  spans: readonly Span[],
): Promise<readonly Tally["standing"][]> {
  const activity = activityOf(kpi);
  if (activity === undefined) return spans.map(() => undefined);
  const windows = spans.flatMap((span) => Object.values(windowsOf(span, activity, today)));
  const read = mergeSpans(windows).map(({ start, end }) =>
    readTallies(table, kpi, { period: "day", from: start, to: addDays(end, -1), consistent }),
  );
  const peopleOf = new Map((await Promise.all(read)).flat().map((day) => [day.start, day.tally.activePeople ?? ""]));
  return spans.map((span) => standingIn(span, activity, { today, peopleOf }));
}
