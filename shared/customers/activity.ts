import { type ActivityParameters, activeProbability, weeksUntilBelow } from "./activity-model.ts";
import { historyOf, type Purchases } from "./purchase-history.ts";

const daysOfWeek = 7;

/** The probability that a customer is still active on a day (since 1970, UTC), by fitted parameters of MBG/NBD. */
export function activeOn(parameters: ActivityParameters, purchases: Purchases, day: number): number {
  return activeProbability({ variant: "MBG/NBD", ...parameters }, historyOf(purchases, day));
}

/** The first day on which a customer who buys no more is active with a probability below some; undefined where none is near. */
export function firstDayBelow(parameters: ActivityParameters, purchases: Purchases, below: number): number | undefined {
  const { first, last } = purchases;
  const { age: _, ...history } = historyOf(purchases, last);
  const weeks = weeksUntilBelow({ variant: "MBG/NBD", ...parameters }, history, below);
  if (!(weeks < mostWeeks)) return undefined;
  let day = Math.max(last, first + Math.floor(weeks * daysOfWeek));
  // The closed form may be off by the last digits, of which a whole day hangs.
  while (activeOn(parameters, purchases, day) >= below) day++;
  while (day > last && activeOn(parameters, purchases, day - 1) < below) day--;
  return day;
}

/** Beyond a century nobody waits for it. */
const mostWeeks = 5_200;

/** Customers whose time until they are as likely gone as not tells how a model sees: of one to eleven purchases. */
const samples = [
  { frequency: 0, recency: 0 },
  { frequency: 1, recency: 8 },
  { frequency: 3, recency: 24 },
  { frequency: 10, recency: 52 },
];
const smallestMove = 0.1;

/** Whether a model sees customers so differently from the one before that all are to be looked at again. The first does. */
export function hasMoved(before: ActivityParameters | undefined, after: ActivityParameters | undefined): boolean {
  if (before === undefined || after === undefined) return before !== after;
  return samples.some((sample) => {
    const [from, to] = [before, after].map(
      (model) => weeksUntilBelow({ variant: "MBG/NBD", ...model }, sample, 0.5) - sample.recency,
    ) as [number, number];
    return Math.abs(to - from) > smallestMove * Math.max(Math.abs(from), Math.abs(to));
  });
}
