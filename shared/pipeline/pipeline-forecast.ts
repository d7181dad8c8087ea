import { instantsOf } from "../kpis/calendar.ts";
import type { Period } from "../kpis/period.ts";
import { daysOfHistory, type PipelineDeal } from "./pipeline-deal.ts";

/** Fewer closed deals than this are no history of a stage; then that of all deals stands in, by the time since their creation. */
export const fewestClosed = 20;
/** A deal that fewer closed ones were ever open for so long is not counted on. */
const fewestAsOld = 10;

/** A standard normal lies within ± this with 80 % probability. */
const z80 = 1.2816;

export interface StageOutlook {
  readonly pipeline: string | null;
  readonly stage: string;
  /** Deals that are in it now, and their amounts in minor units. */
  readonly open: number;
  readonly amount: number;
  /** Of the deals that came to it and are closed. */
  readonly won: number;
  readonly closed: number;
  /** Won ÷ closed, with 80 % from `low` to `high` (Wilson); null of none. */
  readonly winRate: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Whether its own history is what its deals are foretold by, or that of all. */
  readonly basis: "stage" | "all";
}

export interface PeriodOutlook {
  readonly kind: Period["kind"];
  readonly start: string;
  readonly end: string;
  /** Expected amount to be won, in minor units; with 80 % from `low` to `high`. */
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface PipelineForecast {
  readonly stages: readonly StageOutlook[];
  readonly periods: readonly PeriodOutlook[];
  /** All that is expected of the open deals, whenever. */
  readonly total: number;
  readonly open: number;
  /** Open deals that are not counted on: without an amount, in another currency, or older than those that history knows. */
  readonly leftOut: { readonly withoutAmount: number; readonly otherCurrency: number; readonly older: number };
  /** What is missing, in words; null when nothing is. */
  readonly missing: string | null;
}

/** How long a deal took from a point on, in milliseconds, and how that ended. An open one has not ended yet. */
interface Course {
  readonly time: number;
  readonly end: "won" | "lost" | "open";
}

/** Courses in the order of their times, and how many of them are closed. */
interface History {
  readonly courses: readonly Course[];
  readonly won: number;
  readonly closed: number;
}

export interface PipelineOptions {
  readonly deals: readonly PipelineDeal[];
  readonly currency: string;
  /** Of one that runs only what remains is foretold. */
  readonly periods: readonly Period[];
  readonly timeZone: string;
  readonly now: Date;
}

/**
 * What the open deals are expected to bring in the coming periods. A deal's chance to be won in a period is that of the
 * deals that came to its stage and were open for as long as it has been: the cumulative incidence of winning beside
 * losing, with the deals that are still open counted as long as they have been (Aalen & Johansen, 1978). So old deals
 * count for less, and recent ones do not make history faster than it was.
 *
 * The interval adds up the chance of each deal (Bernoulli) and the error of the history, which deals of one history
 * share. It takes deals for independent, and its normal shape for granted: of few deals it is rough.
 */
export function forecastPipeline(options: PipelineOptions): PipelineForecast {
  const { deals, currency, periods, timeZone, now } = options;
  const since = now.getTime() - daysOfHistory * 86_400_000;
  const known = deals.filter(({ closed }) => closed === undefined || Date.parse(closed.at) >= since);
  const open = known.filter(({ closed }) => closed === undefined);
  const byStage = Map.groupBy(
    known.flatMap((deal) =>
      deal.stages.map(({ stage, at }) => ({ key: keyOf(deal, stage), course: courseOf(deal, at, now) })),
    ),
    ({ key }) => key,
  );
  const all = historyOf(known.map((deal) => courseOf(deal, deal.createdAt, now)));
  const histories = new Map([...byStage].map(([key, of]) => [key, historyOf(of.map(({ course }) => course))]));
  const stages = stagesOf(open, histories, currency);
  const priced = open.filter(({ amount }) => amount?.currency === currency);
  const leftOut = {
    withoutAmount: open.filter(({ amount }) => amount === undefined).length,
    otherCurrency: open.length - priced.length - open.filter(({ amount }) => amount === undefined).length,
    older: 0,
  };
  if (all.closed < fewestClosed) {
    const missing = `A pipeline forecast needs ${fewestClosed} closed deals of the last two years; there are ${all.closed}.`;
    return { stages, periods: [], total: 0, open: open.length, leftOut, missing };
  }
  const outlooks = priced.flatMap((deal) => {
    const own = histories.get(keyOf(deal, deal.stage));
    const isOwn = own !== undefined && own.closed >= fewestClosed;
    const from = isOwn ? deal.stages.find(({ stage }) => stage === deal.stage)?.at : deal.createdAt;
    const age = Math.max(0, now.getTime() - Date.parse(from ?? deal.createdAt));
    const after = incidenceAfter(isOwn ? own : all, age);
    if (after === undefined) return [];
    return { amount: deal.amount?.amount ?? 0, history: isOwn ? own : all, age, ...after };
  });
  const spans = periods.map((period) => ({ period, ...instantsOf(period, timeZone) }));
  const expected = spans.map(({ period: { kind, start, end }, from, to }) => {
    const [begin, finish] = [from, to].map((at) => Math.max(0, at.getTime() - now.getTime()));
    const chances = outlooks.map((each) => ({ ...each, p: each.wonWithin(finish ?? 0) - each.wonWithin(begin ?? 0) }));
    return { kind, start, end, ...sumOf(chances) };
  });
  const total = outlooks.reduce((sum, { amount, wonWithin }) => sum + amount * wonWithin(Number.POSITIVE_INFINITY), 0);
  const older = priced.length - outlooks.length;
  return {
    stages,
    periods: expected,
    total: Math.round(total),
    open: open.length,
    leftOut: { ...leftOut, older },
    missing: null,
  };
}

function keyOf({ pipeline }: PipelineDeal, stage: string): string {
  return JSON.stringify([pipeline ?? null, stage]);
}

function courseOf({ closed }: PipelineDeal, from: string, now: Date): Course {
  const end = closed === undefined ? now.getTime() : Date.parse(closed.at);
  return {
    time: Math.max(0, end - Date.parse(from)),
    end: closed === undefined ? "open" : closed.won ? "won" : "lost",
  };
}

function historyOf(courses: readonly Course[]): History {
  const won = courses.filter(({ end }) => end === "won").length;
  const closed = courses.filter(({ end }) => end !== "open").length;
  return { courses: courses.toSorted((a, b) => a.time - b.time), won, closed };
}

/**
 * The chance that a deal of an age is won within some time from now on; undefined when too few closed ones were open for so long.
 */
function incidenceAfter({ courses }: History, age: number) {
  const asOld = courses.filter(({ time }) => time > age);
  const n = asOld.filter(({ end }) => end !== "open").length;
  if (n < fewestAsOld) return undefined;
  const steps: { readonly time: number; readonly won: number }[] = [];
  let [still, won] = [1, 0];
  for (let index = 0; index < asOld.length; ) {
    const time = asOld[index]?.time ?? 0;
    let [wonNow, closedNow, here] = [0, 0, 0];
    for (; index + here < asOld.length && asOld[index + here]?.time === time; here++) {
      const end = asOld[index + here]?.end;
      if (end === "won") wonNow++;
      if (end !== "open") closedNow++;
    }
    const atRisk = asOld.length - index;
    won += (still * wonNow) / atRisk;
    still *= 1 - closedNow / atRisk;
    steps.push({ time: time - age, won });
    index += here;
  }
  const wonWithin = (time: number) => steps.findLast((step) => step.time <= time)?.won ?? 0;
  return { n, wonWithin };
}

interface Chance {
  readonly amount: number;
  readonly history: History;
  /** How many closed deals the chance rests on. */
  readonly n: number;
  readonly p: number;
}

function sumOf(chances: readonly Chance[]) {
  const value = chances.reduce((sum, { amount, p }) => sum + amount * p, 0);
  const own = chances.reduce((sum, { amount, p }) => sum + amount ** 2 * p * (1 - p), 0);
  const shared = [...Map.groupBy(chances, ({ history }) => history).values()].map((of) =>
    of.reduce((sum, { amount, p, n }) => sum + amount * Math.sqrt((p * (1 - p)) / n), 0),
  );
  const spread = z80 * Math.sqrt(own + shared.reduce((sum, error) => sum + error ** 2, 0));
  const most = chances.reduce((sum, { amount }) => sum + amount, 0);
  const [low, high] = [Math.max(0, value - spread), Math.min(most, value + spread)];
  return { value: Math.round(value), low: Math.round(low), high: Math.round(high) };
}

function stagesOf(
  open: readonly PipelineDeal[],
  histories: ReadonlyMap<string, History>,
  currency: string,
): readonly StageOutlook[] {
  const byStage = Map.groupBy(open, (deal) => keyOf(deal, deal.stage));
  const outlooks = [...byStage].map(([key, deals]): StageOutlook => {
    const { won = 0, closed = 0 } = histories.get(key) ?? {};
    const amounts = deals.map(({ amount }) => (amount?.currency === currency ? amount.amount : 0));
    return {
      pipeline: deals[0]?.pipeline ?? null,
      stage: deals[0]?.stage ?? "",
      open: deals.length,
      amount: amounts.reduce((sum, amount) => sum + amount, 0),
      won,
      closed,
      winRate: closed === 0 ? null : won / closed,
      ...wilson(won, closed),
      basis: closed < fewestClosed ? "all" : "stage",
    };
  });
  return outlooks.sort((one, other) => other.amount - one.amount || (one.stage < other.stage ? -1 : 1));
}

/** The interval of 80 % of a share (Wilson, JASA 22, 1927). */
function wilson(won: number, closed: number): { readonly low: number | null; readonly high: number | null } {
  if (closed === 0) return { low: null, high: null };
  const share = won / closed;
  const square = z80 ** 2;
  const centre = share + square / (2 * closed);
  const reach = z80 * Math.sqrt((share * (1 - share)) / closed + square / (4 * closed ** 2));
  const scale = 1 + square / closed;
  return { low: Math.max(0, (centre - reach) / scale), high: Math.min(1, (centre + reach) / scale) };
}
