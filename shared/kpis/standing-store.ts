import type { Table } from "../table/client.ts";
import { addDays } from "./calendar.ts";
import type { StandingMeasure } from "./kpi.ts";
import { readPeople } from "./snapshot-store.ts";
import { mergeSpans, type Span, standingIn, windowsOf } from "./standing.ts";
import type { Tally } from "./tally.ts";

export interface StandingOptions {
  readonly table: Table;
  readonly activity: StandingMeasure;
  /** The local date of now: of a span that still runs, who is active by the end of it. */
  readonly today: string;
  readonly consistent?: boolean;
}

/**
 * Who was active when each of some spans began, and is no more when it ends, from the days' people. It reads `withinDays`
 * days before each span and before its end, each day once.
 */
export async function readStandings(
  { table, activity, today, consistent = false }: StandingOptions,
  spans: readonly Span[],
): Promise<readonly NonNullable<Tally["standing"]>[]> {
  const windows = spans.flatMap((span) => Object.values(windowsOf(span, activity, today)));
  const read = mergeSpans(windows).map(({ start, end }) =>
    readPeople(table, activity, { period: "day", from: start, to: addDays(end, -1), consistent }),
  );
  const peopleOf = new Map((await Promise.all(read)).flatMap((days) => [...days]));
  return spans.map((span) => standingIn(span, activity, { today, peopleOf }));
}
