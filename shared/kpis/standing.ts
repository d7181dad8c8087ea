import { addDays } from "./calendar.ts";
import { lossBetween, unionOf } from "./distinct.ts";
import type { StandingMeasure } from "./kpi.ts";
import type { Tally } from "./tally.ts";

/** Local dates, from `start` up to but without `end`. */
export interface Span {
  readonly start: string;
  readonly end: string;
}

type Standing = NonNullable<Tally["standing"]>;

/** The days whose people are active when a span begins, and when it ends; of one that still runs, by the end of today. */
export function windowsOf({ start, end }: Span, { withinDays }: StandingMeasure, today: string) {
  const until = [end, addDays(today, 1)].sort()[0] ?? end;
  const window = (to: string): Span => ({ start: addDays(to, -withinDays), end: to });
  return { before: window(start), after: window(until) };
}

/** Spans as few as cover the same days, in order. */
export function mergeSpans(spans: readonly Span[]): readonly Span[] {
  const merged: { start: string; end: string }[] = [];
  for (const { start, end } of spans.toSorted((a, b) => (a.start < b.start ? -1 : 1))) {
    const last = merged.at(-1);
    if (last !== undefined && start <= last.end) last.end = end > last.end ? end : last.end;
    else merged.push({ start, end });
  }
  return merged;
}

/**
 * Who was active when a span began and is so no more when it ends. Who left and came back within it is not lost; who came
 * and left within it was not there when it began.
 *
 * @param peopleOf the days' people, of both windows at least; days without any may be missing
 */
export function standingIn(
  span: Span,
  measure: StandingMeasure,
  { today, peopleOf }: { readonly today: string; readonly peopleOf: ReadonlyMap<string, string> },
): Standing {
  const { before, after } = windowsOf(span, measure, today);
  const within = ({ start, end }: Span) =>
    unionOf([...peopleOf].flatMap(([day, people]) => (start <= day && day < end ? people : [])));
  const days = Math.max(0, Math.round((Date.parse(after.end) - Date.parse(span.start)) / 86_400_000));
  return { ...lossBetween(within(before), within(after)), days };
}
