import { instantsOf, periodBefore, periodContaining } from "../kpis/calendar.ts";
import type { Period } from "../kpis/period.ts";
import type { Table } from "../table/client.ts";
import { readFeedback } from "./feedback-store.ts";
import { type ThemeLine, themeReport } from "./theme-report.ts";
import { readThemes } from "./theme-store.ts";

/** More comments of a period are not read: the newest are. */
export const mostCommentsOfPeriod = 5_000;

export interface ThemesOfPeriod {
  readonly complete: boolean;
  readonly truncated: boolean;
  readonly comments: number;
  readonly previousComments: number;
  /** The most frequent first. */
  readonly lines: readonly ThemeLine[];
}

/** What the comments of a period are about, against those of the period before. */
export async function readThemeReport(
  table: Table,
  period: Period,
  { timeZone, today }: { readonly timeZone: string; readonly today: string },
): Promise<ThemesOfPeriod> {
  const complete = period.end <= periodContaining(period.kind, today).start;
  const read = (of: Period) => readFeedback(table, instantsOf(of, timeZone), mostCommentsOfPeriod);
  const [{ themes }, current, before] = await Promise.all([
    readThemes(table),
    read(period),
    read(periodBefore(period)),
  ]);
  return {
    complete,
    truncated: current.truncated || before.truncated,
    comments: current.items.length,
    previousComments: before.items.length,
    lines: themeReport(themes, { comments: current.items, previous: before.items, comparable: complete }),
  };
}
