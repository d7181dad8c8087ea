import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import type { Event } from "../../../shared/events/event.ts";
import { putEvent } from "../../../shared/events/event-store.ts";
import { countFunnel, funnelsOf, mostSources, sumFunnels } from "../../../shared/funnel/funnel.ts";
import { type FunnelEntry, funnelEntryOf } from "../../../shared/funnel/funnel-entry.ts";
import { funnelEntryStage, lifecycleStage } from "../../../shared/funnel/funnel-stages.ts";
import { readFunnel, rollUpFunnel } from "../../../shared/funnel/funnel-store.ts";
import { afterEvent } from "../../../shared/funnel/lifecycle.ts";
import { moveOn, readLifecycle } from "../../../shared/funnel/lifecycle-store.ts";
import { putStageRules, readStageRules } from "../../../shared/funnel/stage-rule-store.ts";
import { shippedStageRules } from "../../../shared/funnel/stage-rules.ts";
import { lifecycleStages } from "../../../shared/funnel/stages.ts";
import type { Table } from "../../../shared/table/client.ts";
import { readDirty } from "../../../shared/table/dirty-store.ts";
import { itemSchema } from "../../../shared/table/item.ts";
import { engine } from "../../support/engine.ts";
import { meterOf } from "../../support/meter.ts";
import { settle } from "../../support/settle.ts";
import { expectStageContract } from "../../support/stage-contract.ts";
import { createTestTable } from "../../support/table.ts";
import { contentsOf, itemsOf } from "../../support/table-contents.ts";
import { order, told } from "../kpis/facts.ts";

const now = () => new Date("2026-12-01T09:00:00.000Z");
const timeZone = "Europe/Berlin";

const by = (contactId: string, name: string, at: string, properties = {}) =>
  told(name, at, properties, { contactId, id: `${contactId} ${name} ${at}`, source: "web" });

/** Entries as stages in seconds after the first. */
const entry = (source: string, stages: FunnelEntry["stages"], more: Partial<FunnelEntry> = {}): FunnelEntry => ({
  pk: "FUNNEL#2026-11-01#0",
  sk: "x",
  kind: "funnelEntry",
  source,
  stages,
  version: 1,
  ...more,
});

describe("a funnel", () => {
  // By hand: 5 began; 4 came to consideration or beyond, one of them unseen there; 2 decided, 2 acted, none stayed.
  const entries = [
    entry("search", { awareness: 0 }),
    entry("search", { awareness: 0, consideration: 600 }),
    entry("search", { awareness: 0, consideration: 1200, decision: 4800, action: 4860 }),
    entry("mail", { awareness: 0, consideration: 1800 }),
    entry("mail", { action: 0 }),
    entry("mail", { awareness: 0, action: 1 }, { withdrawn: true }),
  ];

  it("counts who skipped a stage as past it, and takes no time of them", () => {
    const [all] = funnelsOf(countFunnel(entries), undefined);
    expect(all).toEqual({
      source: null,
      cohort: 5,
      stages: [
        { stage: "awareness", reached: 5, entered: 4, conversion: 0.8, medianSeconds: null },
        { stage: "consideration", reached: 4, entered: 3, conversion: 0.5, medianSeconds: 1200 },
        { stage: "decision", reached: 2, entered: 1, conversion: 1, medianSeconds: 3600 },
        { stage: "action", reached: 2, entered: 2, conversion: 0, medianSeconds: 60 },
        { stage: "retention", reached: 0, entered: 0, conversion: null, medianSeconds: null },
      ],
    });
  });

  it("is told by source, the largest first", () => {
    const funnels = funnelsOf(countFunnel(entries), "source");
    expect(funnels.map(({ source, cohort }) => [source, cohort])).toEqual([
      ["search", 3],
      ["mail", 2],
    ]);
    expect(funnels[1]?.stages.map(({ reached }) => reached)).toEqual([2, 2, 1, 1, 0]);
  });

  it("of parts adds up to that of the whole, and keeps a bounded number of sources without losing anybody", () => {
    const stages = fc.subarray([...lifecycleStages], { minLength: 1 });
    const arbitrary = fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), stages, fc.nat(1e6)), { maxLength: 60 });
    fc.assert(
      fc.property(arbitrary, fc.nat(60), (people, at) => {
        const all = people.map(([source, of, seconds]) =>
          entry(`s${source}`, Object.fromEntries(of.map((stage, index) => [stage, index * seconds]))),
        );
        const whole = countFunnel(all);
        const parts = sumFunnels([countFunnel(all.slice(0, at)), countFunnel(all.slice(at))]);
        expect(funnelsOf(parts, undefined)).toEqual(funnelsOf(whole, undefined));
        expect(Object.keys(parts).length).toBeLessThanOrEqual(mostSources + 1);
        expect(funnelsOf(whole, undefined)[0]?.cohort).toBe(people.length);
      }),
    );
  });
});

describe("the funnel in the table", () => {
  let table: Table;
  beforeEach(async () => {
    table = await createTestTable(engine.url);
  });
  const stagesOf = (of: Table) => [lifecycleStage({ table: of, now }), funnelEntryStage({ table: of })];
  const tell = async (events: readonly Event[], of: Table = table) => {
    const known = await contentsOf(of);
    for (const event of events) await putEvent(of, event);
    await settle({ table: of, stages: stagesOf(of), known });
  };
  const roll = (of: Table = table) => rollUpFunnel({ table: of, timeZone, now });
  const reached = async (kind: "day" | "week" | "month" | "quarter" | "year", start: string, of: Table = table) => {
    const found = await readFunnel(of, { kind, start });
    return found && funnelsOf(found.groups, undefined)[0]?.stages.map((stage) => stage.reached);
  };

  it("counts a person in the period of the first stage, on the local day, whenever they go on", async () => {
    await tell([
      // Midnight of 1 November in Berlin is 23:00 UTC.
      by("c1", "Page Viewed", "2026-10-31T22:59:00Z"),
      by("c2", "Page Viewed", "2026-10-31T23:00:00Z"),
    ]);
    await roll();
    await tell([order("2026-11-20T10:00:00Z", 100, { contactId: "c1" })]);
    await roll();
    expect(await reached("day", "2026-10-31")).toEqual([1, 1, 1, 1, 0]);
    expect(await reached("month", "2026-10-01")).toEqual([1, 1, 1, 1, 0]);
    expect(await reached("month", "2026-11-01")).toEqual([1, 0, 0, 0, 0]);
    expect(await reached("quarter", "2026-10-01")).toEqual([2, 1, 1, 1, 0]);
    expect(await reached("year", "2026-01-01")).toEqual([2, 1, 1, 1, 0]);
    expect(await reached("week", "2026-10-26")).toEqual([2, 1, 1, 1, 0]);
    expect(await readDirty(table, "funnel")).toEqual([]);
  });

  it("moves a person whose beginning turns out to be earlier, and nobody brings them back", async () => {
    await tell([by("c1", "Page Viewed", "2026-11-10T10:00:00Z")]);
    await roll();
    const [stale] = await itemsOf(table, "lifecycle");
    await tell([by("c1", "Page Viewed", "2026-10-10T10:00:00Z")]);
    await funnelEntryStage({ table }).run({ item: itemSchema.parse(stale), previous: undefined });
    await roll();
    expect(await reached("month", "2026-10-01")).toEqual([1, 0, 0, 0, 0]);
    expect(await reached("month", "2026-11-01")).toEqual([0, 0, 0, 0, 0]);
  });

  it("ends the same in any order of events and roll-ups, and told twice", async () => {
    const all = [
      by("c1", "Page Viewed", "2026-10-01T10:00:00Z"),
      by("c1", "Form Submitted", "2026-10-03T10:00:00Z", { formId: "f" }),
      by("c1", "Page Viewed", "2026-09-29T10:00:00Z", { utm_source: "search" }),
      order("2026-10-20T10:00:00Z", 100),
      order("2026-11-02T10:00:00Z", 100),
      by("c2", "Checkout Started", "2026-10-01T10:00:00Z", { products: [] }),
      order("2026-09-28T10:00:00Z", 100, { contactId: "c2" }),
    ];
    const standing = async (of: Table) =>
      (await itemsOf(of, "funnel"))
        .filter(({ groups }) => JSON.stringify(groups) !== "{}")
        .map(({ asOf: _, version: __, ...item }) => JSON.stringify(item))
        .sort();
    await tell(all);
    await roll();
    const expected = await standing(table);
    // Two people of one quarter, one month and one week, and of two days.
    expect(expected).toHaveLength(6);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(all, { minLength: all.length }), fc.nat(all.length), async (events, at) => {
        const other = await createTestTable(engine.url);
        await tell(events.slice(0, at), other);
        await roll(other);
        await tell([...events.slice(at), ...events.slice(0, 2)], other);
        await roll(other);
        await roll(other);
        expect(await standing(other)).toEqual(expected);
      }),
      { numRuns: 3 },
    );
  });

  it("is written by stages that may run any number of times", async () => {
    const event = by("c1", "Page Viewed", "2026-11-10T10:00:00Z");
    await expectStageContract(
      lifecycleStage({ table, now }),
      { item: itemSchema.parse(event), previous: undefined },
      { table, mailKeys: () => [] },
    );
    const [lifecycle] = await itemsOf(table, "lifecycle");
    await expectStageContract(
      funnelEntryStage({ table }),
      { item: itemSchema.parse(lifecycle), previous: undefined },
      { table, mailKeys: () => [] },
    );
  });

  it("costs an event three write units when it changes a stage, half a read unit when not, nothing when no rule names it", async () => {
    const used = meterOf(table);
    const cost = async (event: Event) => {
      const before = { ...used };
      await lifecycleStage({ table, now }).run({ item: itemSchema.parse(event), previous: undefined });
      for (const item of await itemsOf(table, "lifecycle")) {
        const change = { item: itemSchema.parse(item), previous: seen.get(item.pk) };
        if (funnelEntryStage({ table }).wants(change)) await funnelEntryStage({ table }).run(change);
        seen.set(item.pk, change.item);
      }
      // The rules are read once in half a minute.
      return { write: used.write - before.write, read: used.read - before.read - 0.5 };
    };
    const seen = new Map<string, ReturnType<typeof itemSchema.parse>>();
    // The stages, the entry of the day, and the day's mark, which those of one batch share.
    expect(await cost(by("c1", "Page Viewed", "2026-11-10T10:00:00Z"))).toEqual({ write: 3, read: 0.5 });
    expect(await cost(by("c1", "Page Viewed", "2026-11-10T10:05:00Z"))).toEqual({ write: 0, read: 0.5 });
    expect(await cost(by("c1", "Email Opened", "2026-11-10T10:06:00Z"))).toEqual({ write: 0, read: 0 });
    expect(await cost(by("c1", "Product Added", "2026-11-10T10:09:00Z"))).toEqual({ write: 3, read: 0.5 });
  });

  it("takes what happens at once to one person, however it meets", async () => {
    const events = [1, 2, 3, 4, 5].map((minute) => by("c1", "Page Viewed", `2026-11-10T10:0${minute}:00Z`));
    await Promise.all(events.map((event) => moveOn(table, shippedStageRules, event)));
    const held = await readLifecycle(table, "c1", { consistent: true });
    expect(held?.entered.awareness?.at).toBe("2026-11-10T10:01:00.000Z");
  });

  it("keeps one of two changes of its rules", async () => {
    const next = { ...(await readStageRules(table)), version: 2, updatedAt: now().toISOString(), updatedBy: "mia" };
    await putStageRules(table, next);
    await expect(putStageRules(table, next)).rejects.toMatchObject({ code: "version_conflict" });
    await putStageRules(table, { ...next, version: 3 });
    expect(await readStageRules(table)).toMatchObject({ version: 3, updatedBy: "mia" });
  });
});

it("names nobody in a funnel's entry", () => {
  const lifecycle = afterEvent(undefined, shippedStageRules, by("c1", "Page Viewed", "2026-11-10T10:00:00Z"));
  expect(JSON.stringify(lifecycle && funnelEntryOf(lifecycle))).not.toContain("c1");
});
