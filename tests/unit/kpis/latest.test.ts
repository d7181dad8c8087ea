import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { entryOf, type KpiEntry, personOf } from "../../../shared/kpis/entry.ts";
import { figuresOf, kpiValue, sumTallies, tallyOf } from "../../../shared/kpis/tally.ts";
import { kpiNamed } from "./support.ts";

const nps = kpiNamed("nps");

function answer(who: string, at: string, score: number, id = `${who} ${at}`): KpiEntry {
  const properties = { kind: "nps", score };
  return entryOf({ fact: "Survey Answered", at, person: personOf(who), id, properties });
}

const npsOf = (entries: readonly KpiEntry[]) => kpiValue(nps, figuresOf(nps, tallyOf(nps, entries)));

describe("NPS", () => {
  it("counts each person once, by the latest answer of the period", () => {
    const changed = [
      answer("a", "2026-03-01T10:00:00.000Z", 0),
      answer("a", "2026-03-09T10:00:00.000Z", 10),
      answer("b", "2026-03-02T10:00:00.000Z", 7),
    ];
    expect(npsOf(changed)).toBe(50);
    expect(figuresOf(nps, tallyOf(nps, changed))).toMatchObject({ numerator: 1, denominator: 2, n: 2 });
  });

  it("has in its days, added in any order, what it has in the whole", () => {
    const answers = fc.array(
      fc.record({ who: fc.integer({ min: 0, max: 9 }), minute: fc.nat(60 * 24 * 5), score: fc.nat(10) }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(answers, fc.boolean(), (given, reversed) => {
        const entries = given.map(({ who, minute, score }, at) =>
          // No two answers share an instant: which of them were the latest nobody could say.
          answer(`p${who}`, new Date(Date.UTC(2026, 2, 1, 0, minute, 0, at)).toISOString(), score),
        );
        const days = [...Map.groupBy(entries, ({ at }) => at.slice(0, 10)).values()].map((day) => tallyOf(nps, day));
        const summed = sumTallies(nps, reversed ? days.toReversed() : days);
        expect(figuresOf(nps, summed)).toEqual(figuresOf(nps, tallyOf(nps, entries)));
      }),
    );
  });

  it("of more people than are kept is estimated by an even sample", () => {
    const entries = Array.from({ length: 10_000 }, (_, at) =>
      answer(`p${at}`, "2026-03-01T10:00:00.000Z", at % 4 === 0 ? 3 : 9),
    );
    const figures = figuresOf(nps, tallyOf(nps, entries));
    expect(Math.abs((kpiValue(nps, figures) ?? 0) - 50)).toBeLessThan(8);
    expect(Math.abs(figures.n / 10_000 - 1)).toBeLessThan(0.1);
  });
});
