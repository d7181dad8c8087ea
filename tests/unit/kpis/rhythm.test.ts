import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addDays } from "../../../shared/kpis/calendar.ts";
import { basisOf, emptyCatalogue, withBasis, withRhythm } from "../../../shared/kpis/catalogue.ts";
import { readKpis } from "../../../shared/kpis/catalogue-store.ts";
import { distinctOf } from "../../../shared/kpis/distinct.ts";
import { putEntry } from "../../../shared/kpis/entry-store.ts";
import { orderEntry } from "../../../shared/kpis/order-facts.ts";
import { rhythmOf } from "../../../shared/kpis/rhythm.ts";
import { followRhythm } from "../../../shared/kpis/rhythm-store.ts";
import { rollUp } from "../../../shared/kpis/roll-up.ts";
import { markDirty } from "../../../shared/table/dirty-store.ts";
import { digestOf } from "../../../shared/table/hash.ts";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";
import { order } from "./facts.ts";

const first = "2025-10-01";
/** Days since `first` by who orders on them, as the days' people. */
function peopleOn(days: Readonly<Record<string, readonly number[]>>): ReadonlyMap<string, string> {
  const people = Map.groupBy(
    Object.entries(days).flatMap(([who, of]) => of.map((day) => ({ who, day }))),
    ({ day }) => addDays(first, day),
  );
  return new Map([...people].map(([day, of]) => [day, distinctOf(of.map(({ who }) => digestOf([who], 16)))]));
}
const everyDays = (count: number, apart: number, from = 0) =>
  Array.from({ length: count }, (_, at) => from + at * apart);
/** Somebody on the first day and a year later, who makes a year of the days. */
const year = { first: [0], last: [365] };

describe("the account's rhythm", () => {
  it.each([
    ["of one who orders each third day", { ...year, anna: everyDays(120, 3) }, { days: 3, gaps: 119 }],
    [
      "is what nine of ten gaps do not exceed",
      { ...year, anna: everyDays(91, 2), ben: everyDays(11, 30) },
      { days: 2, gaps: 100 },
    ],
    [
      "is longer when one gap more is",
      { ...year, anna: everyDays(91, 2), ben: everyDays(12, 30) },
      { days: 30, gaps: 101 },
    ],
    ["is not told by fewer than a hundred gaps", { ...year, anna: everyDays(100, 3) }, undefined],
    ["is not told before a year of days", { anna: everyDays(122, 3) }, undefined],
    ["is not told by nobody", {}, undefined],
  ])("%s", (_, days, expected) => {
    expect(rhythmOf(peopleOn(days))).toEqual(expected);
  });

  it("is the same as of each one's own gaps, in whatever order the days come", () => {
    const days = fc.uniqueArray(fc.nat(390), { maxLength: 20 });
    fc.assert(
      fc.property(fc.dictionary(fc.string(), days, { minKeys: 12, maxKeys: 20 }), (orders) => {
        const all = { ...orders, ...year };
        const gaps = Object.values(all).flatMap((of) => {
          const sorted = [...of].sort((one, other) => one - other);
          return sorted.slice(1).map((day, at) => day - (sorted[at] ?? 0));
        });
        const ranked = gaps.sort((one, other) => one - other);
        const expected = { days: ranked[Math.ceil(0.9 * ranked.length) - 1], gaps: ranked.length };
        const shuffled = new Map([...peopleOn(all)].reverse());
        expect(rhythmOf(shuffled)).toEqual(ranked.length < 100 ? undefined : expected);
      }),
      { numRuns: 50 },
    );
  });

  it("of more people than a day keeps is told by those who can be followed through all days", () => {
    const crowd = Array.from({ length: 3000 }, (_, at) => digestOf([`crowd ${at}`], 16));
    const every = (apart: number) =>
      new Map(everyDays(Math.floor(380 / apart), apart).map((day) => [addDays(first, day), distinctOf(crowd)]));
    expect(rhythmOf(every(10))?.days).toBe(10);
    // A day without the crowd's sample is one on which those beyond its reach ordered.
    const beyond = new Map([...every(10), [addDays(first, 5), distinctOf(crowd.toSorted().slice(2500))]]);
    expect(rhythmOf(beyond)).toEqual(rhythmOf(every(10)));
  });
});

describe("the days for which an order keeps a customer active", () => {
  const now = new Date("2026-11-23T10:00:00Z");
  const inDays = (days: number) => new Date(now.getTime() + days * 86_400_000);
  const rhythm = (days: number) => ({ days, gaps: 500 });
  const stamp = { updatedAt: now.toISOString(), updatedBy: "mia" };
  const put = (activeDays: number | "auto", to = emptyCatalogue) =>
    withBasis(to, { activeDays, grossMargin: 1 }, { stamp, expected: to.basis?.revision });

  it("are ninety, then those of the rhythm, with a version of their own", () => {
    expect(basisOf(emptyCatalogue)).toEqual({ activeDays: 90, grossMargin: 1, version: 1 });
    const adopted = withRhythm(emptyCatalogue, rhythm(41), now);
    expect(basisOf(adopted)).toEqual({ activeDays: 41, grossMargin: 1, version: 2 });
  });

  it("stay for a month, and until the rhythm is another one by a fifth", () => {
    const adopted = withRhythm(emptyCatalogue, rhythm(50), now);
    expect(withRhythm(adopted, rhythm(80), inDays(29))).toBe(adopted);
    expect(withRhythm(adopted, rhythm(59), inDays(31))).toBe(adopted);
    const moved = withRhythm(adopted, rhythm(60), inDays(31));
    expect(basisOf(moved).activeDays).toBe(60);
    expect(basisOf(moved).version).toBeGreaterThan(basisOf(adopted).version);
  });

  it("are at least a week and at most 400", () => {
    expect(basisOf(withRhythm(emptyCatalogue, rhythm(1), now)).activeDays).toBe(7);
    expect(basisOf(withRhythm(emptyCatalogue, rhythm(401), now)).activeDays).toBe(400);
  });

  it("are those that staff set, until they leave them to the rhythm", () => {
    const set = withRhythm(put(60), rhythm(41), now);
    expect(basisOf(set)).toMatchObject({ activeDays: 60, version: basisOf(put(60)).version });
    const left = put("auto", set);
    expect(basisOf(left).activeDays).toBe(41);
    expect(basisOf(left).version).toBeGreaterThan(basisOf(set).version);
  });

  it("follow the orders that stand in the account, once", async () => {
    const table = await createTestTable(engine.url);
    const timeZone = "Europe/Berlin";
    const kpis = (await readKpis(table, "EUR")).filter(({ id }) => id === "churn-rate");
    const dates = new Set<string>();
    const buy = async (contactId: string, day: string) => {
      const entry = orderEntry(order(`${day}T10:00:0${contactId.slice(1)}Z`, 1000, { contactId }));
      if (entry !== undefined) await putEntry(table, entry);
      dates.add(day);
    };
    for (const day of everyDays(12, 34, 31))
      for (let who = 0; who < 10; who++) await buy(`c${who}`, addDays(first, day));
    for (const day of dates) await markDirty(table, "kpis", day);
    await rollUp({ table, kpis, timeZone, now: () => now });
    expect(await followRhythm(table, { timeZone, now })).toBe(true);
    const [churn] = (await readKpis(table, "EUR")).filter(({ id }) => id === "churn-rate");
    expect(churn).toMatchObject({ numerator: { withinDays: 34 }, version: 2 });
    expect(churn?.definition).toContain("34 days");
    expect(await followRhythm(table, { timeZone, now: inDays(1) })).toBe(false);
  });
});
