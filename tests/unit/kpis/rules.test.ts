import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { newsOf, worstFirst } from "../../../shared/digests/digest.ts";
import { periodContaining } from "../../../shared/kpis/calendar.ts";
import { entriesOf, utcDateOf } from "../../../shared/kpis/entry.ts";
import { formatValue } from "../../../shared/kpis/format-value.ts";
import { sumFigures } from "../../../shared/kpis/groups.ts";
import { lineOf } from "../../../shared/kpis/report.ts";
import { isComplete, type Snapshot } from "../../../shared/kpis/snapshot.ts";
import { kpiValue, tallyOf } from "../../../shared/kpis/tally.ts";
import { statusOf, type Target } from "../../../shared/kpis/target.ts";
import { kpiNamed, kpis } from "./support.ts";

const day = 86_400_000;
const leadAt = "2026-11-01T10:00:00.000Z";
const later = (days: number) => new Date(Date.parse(leadAt) + days * day).toISOString();
const newLeads = kpiNamed("new-leads");
const conversion = kpiNamed("lead-conversion");

describe("KPI entries of a contact", () => {
  it.each([
    ["nobody yet", {}, []],
    ["a lead", { leadAt }, ["lead"]],
    ["a customer who never was a lead", { customerAt: leadAt }, ["customer"]],
    ["a lead who bought", { leadAt, customerAt: later(3) }, ["lead", "customer", "conversion"]],
    ["a customer who asked later", { leadAt: later(3), customerAt: leadAt }, ["lead", "customer"]],
  ])("are right for %s", (_, milestones, expected) => {
    expect(entriesOf({ contactId: "c1", ...milestones }).map(({ fact }) => fact)).toEqual(expected);
  });

  it("keep a conversion on the day of its lead, and name nobody", () => {
    const entries = entriesOf({ contactId: "c1", leadAt, customerAt: later(3) });
    expect(entries.map(utcDateOf)).toEqual(["2026-11-01", "2026-11-04", "2026-11-01"]);
    expect(entries[2]?.properties.lag).toBe((3 * day) / 1000);
    expect(JSON.stringify(entries)).not.toContain("c1");
  });
});

describe("counting", () => {
  it.each([
    ["no lead", [], null],
    ["one lead who bought on the 30th day", [30], 1],
    ["one who bought a moment too late", [30.001], 0],
    ["two, of whom one bought at once", [0, undefined], 0.5],
  ])("gives the conversion of %s", (_, daysToBuy, expected) => {
    const entries = daysToBuy.flatMap((days, index) =>
      entriesOf({ contactId: `c${index}`, leadAt, ...(days !== undefined && { customerAt: later(days) }) }),
    );
    expect(kpiValue(conversion, tallyOf(conversion, entries).sums)).toBe(expected);
  });

  it("counts a person once a day even if two entries of the person are there", () => {
    const entries = [...entriesOf({ contactId: "c1", leadAt }), ...entriesOf({ contactId: "c1", leadAt: later(0.1) })];
    expect(tallyOf(newLeads, entries).sums).toMatchObject({ numerator: 1, denominator: null, n: 1 });
  });

  it("adds days up to their period, in any grouping", () => {
    const figures = fc.record({
      numerator: fc.nat(50),
      denominator: fc.nat(50),
      n: fc.nat(50),
      facts: fc.nat(50),
      leftOut: fc.nat(9),
    });
    fc.assert(
      fc.property(fc.array(figures), fc.nat(), (days, cut) => {
        const at = days.length === 0 ? 0 : cut % days.length;
        const parts = [sumFigures(conversion, days.slice(0, at)), sumFigures(conversion, days.slice(at))];
        expect(sumFigures(conversion, parts)).toEqual(sumFigures(conversion, days));
      }),
    );
  });

  it("calls a cohort complete only when its youngest member has had all of its days", () => {
    const october = periodContaining("month", "2026-10-01");
    expect(isComplete(newLeads, october, new Date("2026-11-01T00:00:00Z"), "UTC")).toBe(true);
    expect(isComplete(newLeads, october, new Date("2026-10-31T23:59:59Z"), "UTC")).toBe(false);
    expect(isComplete(conversion, october, new Date("2026-11-30T23:59:59Z"), "UTC")).toBe(false);
    expect(isComplete(conversion, october, new Date("2026-12-01T00:00:00Z"), "UTC")).toBe(true);
  });
});

describe("status", () => {
  const standing = { value: 20, target: 40, direction: "up", complete: false, elapsed: 0.5, cumulative: true } as const;
  it.each([
    [{}, "on track"],
    [{ value: 19 }, "at risk"],
    [{ value: 0, elapsed: 0.049 }, "not enough data"],
    [{ value: 2, elapsed: 0.05 }, "on track"],
    [{ value: 1, elapsed: 0.05 }, "at risk"],
    [{ value: 40 }, "achieved"],
    [{ complete: true, value: 39 }, "missed"],
    [{ complete: true, value: 40 }, "achieved"],
    [{ value: null }, "not enough data"],
    [{ value: null, complete: true }, "not enough data"],
    [{ target: undefined }, "no target"],
    [{ value: 0, target: 0 }, "achieved"],
    [{ cumulative: false, value: 39 }, "at risk"],
    [{ cumulative: false, value: 41 }, "on track"],
    [{ direction: "down", value: 20 }, "on track"],
    [{ direction: "down", value: 21 }, "at risk"],
    [{ direction: "down", value: 41 }, "missed"],
    [{ direction: "down", complete: true, value: 40 }, "achieved"],
  ] as const)("with %o is %s", (difference, expected) => {
    expect(statusOf({ ...standing, ...difference })).toBe(expected);
  });
});

describe("a report's line", () => {
  const now = new Date("2026-11-23T08:00:00Z");
  const month = periodContaining("month", "2026-11-23");
  const snapshot = (start: string, numerator: number): Snapshot => ({
    kpi: "new-leads",
    period: "month",
    start,
    numerator,
    denominator: null,
    n: numerator,
    facts: numerator,
    leftOut: 0,
    version: 1,
    asOf: now.toISOString(),
  });
  const target: Target = {
    kpi: "new-leads",
    target: 100,
    period: "month",
    owner: { name: "Mia", email: "mia@example.com" },
    version: 1,
    updatedAt: now.toISOString(),
    updatedBy: "mia",
  };

  it("never compares a running month with a whole one", () => {
    const line = lineOf(newLeads, month, [snapshot("2026-10-01", 80), snapshot("2026-11-01", 60)], {
      targets: [target],
      now,
      timeZone: "UTC",
    });
    expect(line).toMatchObject({
      value: 60,
      complete: false,
      change: null,
      previous: { start: "2026-10-01", value: 80 },
      status: "at risk",
    });
  });

  it("compares a whole month with the whole one before", () => {
    const october = periodContaining("month", "2026-10-01");
    const line = lineOf(newLeads, october, [snapshot("2026-09-01", 50), snapshot("2026-10-01", 80)], {
      targets: [target],
      now,
      timeZone: "UTC",
    });
    expect(line).toMatchObject({ value: 80, complete: true, change: 30, status: "missed" });
  });

  it("holds a value against a target of the same kind of period only", () => {
    const week = periodContaining("week", "2026-11-23");
    expect(lineOf(newLeads, week, [], { targets: [target], now, timeZone: "UTC" }).status).toBe("no target");
  });

  it("shows a ratio without facts as null and a count without facts as 0", () => {
    expect(lineOf(conversion, month, [], { now, timeZone: "UTC" }).value).toBeNull();
    expect(lineOf(newLeads, month, [], { now, timeZone: "UTC" }).value).toBe(0);
  });
});

describe("a digest's subject", () => {
  const now = new Date("2026-11-23T08:00:00Z");
  const line = lineOf(newLeads, periodContaining("month", "2026-11-23"), [], { now, timeZone: "UTC" });
  const owner = { name: "Mia", email: "mia@example.com" };
  const target = {
    kpi: "new-leads",
    target: 40,
    period: "month",
    owner,
    version: 1,
    updatedAt: now.toISOString(),
    updatedBy: "mia",
  } as const;

  it("names the worst exception and how many more there are", () => {
    const lines = worstFirst([
      { ...line, status: "on track" } as const,
      { ...line, status: "at risk" } as const,
      { ...line, status: "missed", value: 12, target } as const,
    ]);
    expect(newsOf(lines)).toBe("New leads missed, 12 of 40, and 1 more");
  });

  it("says when there is none", () => {
    expect(newsOf([{ ...line, status: "achieved" }])).toBe("nothing at risk");
    expect(newsOf([{ ...line, status: "no target" }])).toBe("no target is set");
  });
});

it.each([
  ["count", 1234, "1,234"],
  ["percent", 0.0833, "8.3 %"],
  ["percent", null, "n/a"],
] as const)("formats a %s of %s as %s", (format, value, expected) => {
  expect(formatValue({ format }, value)).toBe(expected);
});

it("gives every KPI its own id", () => {
  expect(new Set(kpis.map(({ id }) => id)).size).toBe(kpis.length);
});
