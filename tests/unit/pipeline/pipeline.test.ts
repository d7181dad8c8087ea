import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import type { Event } from "../../../shared/events/event.ts";
import { putEvent } from "../../../shared/events/event-store.ts";
import type { Period } from "../../../shared/kpis/period.ts";
import { noStage, type PipelineDeal, pipelineDealOf } from "../../../shared/pipeline/pipeline-deal.ts";
import { forecastPipeline } from "../../../shared/pipeline/pipeline-forecast.ts";
import { pipelineStage } from "../../../shared/pipeline/pipeline-stages.ts";
import { foretellPipeline, putPipelineDeal, readPipeline } from "../../../shared/pipeline/pipeline-store.ts";
import type { Table } from "../../../shared/table/client.ts";
import { engine } from "../../support/engine.ts";
import { settle } from "../../support/settle.ts";
import { createTestTable } from "../../support/table.ts";
import { itemsOf } from "../../support/table-contents.ts";
import { deal, eur } from "../kpis/facts.ts";

const now = new Date("2026-11-01T00:00:00.000Z");
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000).toISOString();
const daysOn = (days: number) => daysAgo(-days).slice(0, 10);

let ids = 0;
function entry(more: Partial<PipelineDeal>): PipelineDeal {
  const base = { pk: "PIPELINE#0", sk: `d${++ids}`, kind: "pipelineDeal", stage: "proposal", version: 1 } as const;
  return { ...base, createdAt: daysAgo(0), stages: [], amount: eur(1000), ...more };
}

/** Deals that came to proposal so many days before they ended, a year ago. */
const ended = (count: number, days: number, won: boolean) =>
  Array.from({ length: count }, () => {
    const from = daysAgo(365 + days);
    return entry({ createdAt: from, stages: [{ stage: "proposal", at: from }], closed: { at: daysAgo(365), won } });
  });
const open = (days: number, amount = 1000, more: Partial<PipelineDeal> = {}) =>
  entry({ createdAt: daysAgo(days), stages: [{ stage: "proposal", at: daysAgo(days) }], amount: eur(amount), ...more });

const spans = (...days: readonly number[]): readonly Period[] =>
  days.slice(1).map((end, index) => ({ kind: "month", start: daysOn(days[index] ?? 0), end: daysOn(end) }));
const foretell = (deals: readonly PipelineDeal[], periods = spans(0, 31, 62)) =>
  forecastPipeline({ deals, currency: "EUR", periods, timeZone: "UTC", now });
const values = (deals: readonly PipelineDeal[], periods = spans(0, 31, 62)) =>
  foretell(deals, periods).periods.map(({ value }) => value);

describe("the pipeline's forecast", () => {
  // Of 20 that came to proposal, 10 were won after 30 days and 10 lost after 60.
  const history = [...ended(10, 30, true), ...ended(10, 60, false)];

  it("is the share of deals that were won in as much time from their stage on", () => {
    expect(values([...history, open(0)])).toEqual([500, 0]);
    expect(values([...history, open(0)], spans(0, 29, 31))).toEqual([0, 500]);
  });

  it("expects nothing of a deal of an age at which all that were left were lost", () => {
    expect(values([...history, open(40)])).toEqual([0, 0]);
    expect(foretell([...history, open(40)]).leftOut.older).toBe(0);
  });

  it("does not count on a deal that is older than those it knows, and says so", () => {
    const found = foretell([...history, open(61)]);
    expect([found.total, found.leftOut.older]).toEqual([0, 1]);
  });

  it("counts deals that are still open for as long as they have been, no longer", () => {
    const young = Array.from({ length: 20 }, () => open(5, 0));
    expect(values([...ended(10, 10, true), ...ended(10, 10, false), ...young, open(0)])).toEqual([500, 0]);
    // By hand: of 30 at day 4 ten are won; then 10 open ones leave, and of 10 at day 10 all are lost.
    const left = Array.from({ length: 10 }, () => open(5, 0));
    expect(values([...ended(10, 4, true), ...ended(10, 10, false), ...left, open(0)])).toEqual([333, 0]);
  });

  it("gives an interval of each deal's chance and of the history's error, as computed by hand", () => {
    // 100 deals of 10: √(100 · 10² · 0.25 + (100 · 10 · √(0.25 ⁄ 20))²) · 1.2816 = 157
    const many = Array.from({ length: 100 }, () => open(0, 10));
    const [first] = foretell([...history, ...many]).periods;
    expect(first).toMatchObject({ value: 500, low: 343, high: 657 });
    const [one] = foretell([...history, open(0)]).periods;
    expect(one).toMatchObject({ value: 500, low: 0, high: 1000 });
  });

  it("tells of each stage its rate with n and interval", () => {
    const [stage] = foretell([...history, open(0), open(3, 500)]).stages;
    expect(stage).toMatchObject({
      stage: "proposal",
      open: 2,
      amount: 1500,
      won: 10,
      closed: 20,
      winRate: 0.5,
      basis: "stage",
    });
    expect(stage?.low).toBeCloseTo(0.3623, 3);
    expect(stage?.high).toBeCloseTo(0.6377, 3);
  });

  it("takes the history of all deals, by the time since their creation, for a stage that has too little", () => {
    const other = open(0, 1000, { stage: "demo", stages: [{ stage: "demo", at: daysAgo(0) }] });
    const found = foretell([...history, other]);
    expect(found.stages).toMatchObject([{ stage: "demo", closed: 0, winRate: null, basis: "all" }]);
    expect(found.periods.map(({ value }) => value)).toEqual([500, 0]);
  });

  it("leaves out deals without an amount or in another currency, and says how many", () => {
    const { amount: _, ...free } = open(0);
    const found = foretell([...history, open(0), free, open(0, 1, { amount: { amount: 1, currency: "USD" } })]);
    expect(found).toMatchObject({ open: 3, total: 500, leftOut: { withoutAmount: 1, otherCurrency: 1, older: 0 } });
  });

  it("says what is missing where too few deals are closed, within two years", () => {
    const old = ended(10, 30, true).map((each) => ({ ...each, closed: { at: daysAgo(900), won: true } }));
    expect(foretell([...history.slice(1), ...old, open(0)])).toMatchObject({
      periods: [],
      missing: "A pipeline forecast needs 20 closed deals of the last two years; there are 19.",
    });
  });

  it("of periods adds up to what is expected at all, which no amount exceeds", () => {
    const course = fc.record({ days: fc.integer({ min: 1, max: 90 }), won: fc.boolean() });
    const courses = fc.array(course, { minLength: 20, maxLength: 60 });
    fc.assert(
      fc.property(courses, fc.array(fc.nat(80), { minLength: 1, maxLength: 9 }), (closed, ages) => {
        const deals = [...closed.flatMap(({ days, won }) => ended(1, days, won)), ...ages.map((age) => open(age))];
        const found = foretell(deals, spans(0, 10, 20, 50, 200));
        const sum = found.periods.reduce((all, { value }) => all + value, 0);
        expect(Math.abs(sum - found.total)).toBeLessThanOrEqual(3);
        expect(found.total).toBeLessThanOrEqual(1000 * ages.length);
        for (const { value, low, high } of found.periods) expect(low <= value && value <= high).toBe(true);
      }),
    );
  });
});

describe("a deal of the pipeline", () => {
  const of = (...events: readonly Event[]) => pipelineDealOf("d1", events);

  it("is in its latest stage, and knows when it first came to each", () => {
    const found = of(
      deal("Deal Created", "2026-09-01", { stage: "lead", amount: eur(5), pipeline: "new" }),
      deal("Deal Stage Changed", "2026-09-05", { stage: "proposal" }),
      deal("Deal Stage Changed", "2026-09-09", { stage: "lead", amount: eur(7) }),
    );
    expect(found).toMatchObject({ stage: "lead", pipeline: "new", amount: eur(7), version: 3 });
    expect(found?.stages.map(({ stage, at }) => `${stage} ${at.slice(8, 10)}`)).toEqual(["lead 01", "proposal 05"]);
    expect(found?.closed).toBeUndefined();
  });

  it("is closed until it is opened again, and is in no stage of its close", () => {
    const events = [
      deal("Deal Created", "2026-09-01", { stage: "lead" }),
      deal("Deal Stage Changed", "2026-09-20", { stage: "closed won", closed: true }),
      deal("Deal Won", "2026-09-20", { stage: "closed won" }),
    ];
    expect(of(...events)).toMatchObject({ stage: "lead", closed: { won: true }, stages: [{ stage: "lead" }] });
    const again = of(...events, deal("Deal Stage Changed", "2026-10-01", { stage: "proposal" }));
    expect(again).toMatchObject({ stage: "proposal" });
    expect([again?.closed, again?.expiresAt]).toEqual([undefined, undefined]);
  });

  it("without a stage or a creation is known since the first that was told of it", () => {
    expect(of(deal("Deal Won", "2026-09-20"))).toMatchObject({ stage: noStage, createdAt: "2026-09-20T00:00:00.000Z" });
    const stated = of(deal("Deal Won", "2026-09-20", { createdAt: "2026-08-01T00:00:00.000Z" }));
    expect(stated?.stages).toEqual([{ stage: noStage, at: "2026-08-01T00:00:00.000Z" }]);
  });

  it("names nobody", () => {
    expect(JSON.stringify(of(deal("Deal Created", "2026-09-01")))).not.toMatch(/c1|d1/);
  });
});

describe("the pipeline in the table", () => {
  let table: Table;
  beforeEach(async () => {
    table = await createTestTable(engine.url);
  });
  const events = [
    deal("Deal Created", "2026-09-01", { stage: "lead", amount: eur(900) }),
    deal("Deal Stage Changed", "2026-09-05", { stage: "proposal" }),
    deal("Deal Won", "2026-09-09"),
    deal("Deal Stage Changed", "2026-10-01", { stage: "negotiation" }),
  ];
  const tell = async (of: Table, told: readonly Event[]) => {
    for (const event of told) {
      await putEvent(of, event);
      await settle({ table: of, stages: [pipelineStage({ table: of })] });
    }
  };

  it("is the same in any order of events, and is not taken back by who knew less", async () => {
    await tell(table, events);
    const expected = await itemsOf(table, "pipelineDeal");
    expect(expected).toMatchObject([{ stage: "negotiation", version: 4 }]);
    const stale = pipelineDealOf("d1", events.slice(0, 3));
    if (stale !== undefined) await putPipelineDeal(table, stale);
    expect(await itemsOf(table, "pipelineDeal")).toEqual(expected);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(events, { minLength: events.length }), async (shuffled) => {
        const other = await createTestTable(engine.url);
        await tell(other, shuffled);
        expect(await itemsOf(other, "pipelineDeal")).toEqual(expected);
      }),
      { numRuns: 4 },
    );
  });

  it("is foretold once a day, for weeks, months and quarters", async () => {
    for (const each of [...ended(10, 30, true), ...ended(10, 60, false), open(0)]) await putPipelineDeal(table, each);
    const make = (at: Date) => foretellPipeline({ table, timeZone: "UTC", currency: "EUR", now: () => at });
    await make(now);
    const found = await readPipeline(table);
    expect(found).toMatchObject({ asOf: now.toISOString(), total: 500, open: 1, missing: null });
    expect(found?.periods.filter(({ kind }) => kind === "month")).toMatchObject([
      { start: "2026-11-01", end: "2026-12-01" },
      { start: "2026-12-01", value: expect.any(Number) },
      { start: "2027-01-01" },
      { start: "2027-02-01" },
    ]);
    await make(new Date("2026-11-01T20:00:00Z"));
    expect((await readPipeline(table))?.asOf).toBe(now.toISOString());
    await make(new Date("2026-11-02T01:00:00Z"));
    expect((await readPipeline(table))?.asOf).toBe("2026-11-02T01:00:00.000Z");
  });
});
