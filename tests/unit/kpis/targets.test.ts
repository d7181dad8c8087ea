import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addDays, periodBefore, periodContaining } from "../../../shared/kpis/calendar.ts";
import { periodKinds } from "../../../shared/kpis/period.ts";
import { lineOf } from "../../../shared/kpis/report.ts";
import { shapeOf, shareDue } from "../../../shared/kpis/shape.ts";
import { goalIn, statusOf, type Target, targetFaults, withGoalFrom } from "../../../shared/kpis/target.ts";
import { nextTarget } from "../../../shared/kpis/target-handlers.ts";
import { kpiNamed } from "./support.ts";

const owner = { name: "Mia", email: "mia@example.com" };

describe("a target is refused", () => {
  const place = { kpi: "new-leads", period: "month" } as const;
  it.each([
    ["a percent above 1", "win-rate", { target: 12 }, "/target", "perhaps 0.12"],
    ["a negative count", "new-leads", { target: -1 }, "/target", "never below 0"],
    ["half a person", "new-leads", { target: 1.5 }, "/target", "whole numbers"],
    [
      "a benchmark that no KPI reaches",
      "win-rate",
      { target: 0.2, benchmark: { value: 2, name: "them" } },
      "/benchmark/value",
      "share from 0 to 1",
    ],
    [
      "a step that begins no month",
      "new-leads",
      { target: 1, ramp: [{ from: "2026-11-02", target: 2 }] },
      "/ramp/0/from",
      "begins on 2026-11-01",
    ],
    [
      "an impossible step",
      "new-leads",
      { target: 1, ramp: [{ from: "2026-11-01", target: -2 }] },
      "/ramp/0/target",
      "never below 0",
    ],
    [
      "a ramp out of order",
      "new-leads",
      {
        target: 1,
        ramp: [
          { from: "2026-12-01", target: 2 },
          { from: "2026-11-01", target: 3 },
        ],
      },
      "/ramp/1/from",
      "not after 2026-12-01",
    ],
    [
      "a step twice",
      "new-leads",
      {
        target: 1,
        ramp: [
          { from: "2026-12-01", target: 2 },
          { from: "2026-12-01", target: 3 },
        ],
      },
      "/ramp/1/from",
      "not after 2026-12-01",
    ],
  ] as const)("for %s", (_, kpi, input, pointer, message) => {
    const definition = { owner, ...input, ...("ramp" in input && { ramp: [...input.ramp] }) };
    expect(targetFaults(kpiNamed(kpi), { ...place, kpi }, definition as never)).toEqual([
      { pointer, message: expect.stringContaining(message), code: "invalid_value" },
    ]);
  });

  it.each([
    ["new-customers", "owner", "is not kept by any slice"],
    ["new-leads", "owner", "is kept by source, form"],
  ])("for a group that %s does not keep", (kpi, by, message) => {
    const [fault] = targetFaults(kpiNamed(kpi), { ...place, kpi, slice: { by, group: "x" } }, { target: 1, owner });
    expect(fault).toMatchObject({ pointer: "/query/by", message: expect.stringContaining(message) });
  });

  it("and is not for what is possible", () => {
    const ramp = [
      { from: "2026-11-01", target: 2 },
      { from: "2027-02-01", target: 0 },
    ];
    const slice = { by: "source", group: "web" };
    expect(targetFaults(kpiNamed("new-leads"), { ...place, slice }, { target: 1, owner, ramp })).toEqual([]);
    // Refunds may exceed what was sold.
    expect(targetFaults(kpiNamed("net-revenue"), { ...place, kpi: "net-revenue" }, { target: -1, owner })).toEqual([]);
  });
});

describe("a ramp", () => {
  const target = {
    target: 10,
    ramp: [
      { from: "2026-11-01", target: 20 },
      { from: "2027-01-01", target: 30 },
    ],
  };
  it.each([
    ["2026-10-01", 10],
    ["2026-11-01", 20],
    ["2026-12-01", 20],
    ["2027-01-01", 30],
    ["2030-01-01", 30],
  ])("asks in the month from %s for %d", (start, expected) => {
    expect(goalIn(target, start)).toBe(expected);
  });

  it("changed from a period on leaves every earlier one as it was, in order, and holds from there on", () => {
    const months = fc.integer({ min: 0, max: 48 }).map((back) => {
      return periodBefore(periodContaining("month", "2027-01-15"), back).start;
    });
    const steps = fc.uniqueArray(fc.record({ from: months, target: fc.nat() }), { selector: ({ from }) => from });
    fc.assert(
      fc.property(steps, months, fc.nat(), months, (unordered, from, goal, asked) => {
        const ramp = unordered.toSorted((one, other) => (one.from < other.from ? -1 : 1));
        const before = { target: 7, ramp, owner };
        const after = { ...before, ...withGoalFrom(before, from, goal) };
        expect(goalIn(after, asked)).toBe(asked < from ? goalIn(before, asked) : goal);
        expect(targetFaults(kpiNamed("new-leads"), { kpi: "new-leads", period: "month" }, after)).toEqual([]);
      }),
    );
  });
});

describe("the shape of a count", () => {
  const months = [3, 2, 1].map((back) => periodBefore(periodContaining("month", "2026-11-01"), back));
  const valuesBy = (value: (day: string, index: number) => number) =>
    new Map(
      months.flatMap(({ start, end }) => {
        const days: [string, number][] = [];
        for (let day = start, index = 0; day < end; day = addDays(day, 1), index++) days.push([day, value(day, index)]);
        return days;
      }),
    );

  it("is not known from two periods", () => {
    expect(
      shapeOf(
        months.slice(1),
        valuesBy(() => 1),
        30,
      ),
    ).toEqual({ shares: [], periods: 2 });
    expect(
      shapeOf(
        months,
        valuesBy((day) => (day < "2026-09-01" ? 0 : 1)),
        30,
      ),
    ).toEqual({ shares: [], periods: 2 });
    expect(shareDue(0.4, { shares: [] })).toBe(0.4);
    expect(shareDue(0.4, undefined)).toBe(0.4);
  });

  it("of even days is the share of the time gone", () => {
    const shape = shapeOf(
      months,
      valuesBy(() => 2),
      30,
    );
    for (const elapsed of [0, 0.1, 0.5, 0.77, 1]) expect(shareDue(elapsed, shape)).toBeCloseTo(elapsed, 3);
  });

  it("of months that come in on their last ten days asks for nothing before", () => {
    const shape = shapeOf(
      months,
      valuesBy((_, index) => (index >= 21 ? 5 : 0)),
      30,
    );
    expect(shareDue(0.5, shape)).toBe(0);
    expect(shareDue(0.85, shape)).toBeGreaterThan(0.4);
    expect(shareDue(1, shape)).toBe(1);
  });

  it("never falls where days are not negative, and lies between nothing and all", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(9), { minLength: 92, maxLength: 92 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (days, at) => {
          let index = 0;
          const shape = shapeOf(
            months,
            valuesBy(() => days[index++] ?? 0),
            30,
          );
          const [now, later] = [shareDue(at, shape), shareDue(Math.min(1, at + 0.1), shape)];
          expect(now).toBeGreaterThanOrEqual(0);
          expect(later).toBeLessThanOrEqual(1);
          expect(later).toBeGreaterThanOrEqual(now - 1e-9);
        },
      ),
    );
  });
});

describe("a status", () => {
  it("once a period is over depends on nothing but value, target and direction", () => {
    const standing = fc.record({
      value: fc.double({ min: 0, max: 100, noNaN: true }),
      target: fc.double({ min: 0, max: 100, noNaN: true }),
      direction: fc.constantFrom("up", "down"),
      elapsed: fc.double({ min: 0, max: 1, noNaN: true }),
      due: fc.double({ min: 0, max: 1, noNaN: true }),
      cumulative: fc.boolean(),
    });
    fc.assert(
      fc.property(standing, (of) => {
        const met = of.direction === "up" ? of.value >= of.target : of.value <= of.target;
        expect(statusOf({ ...of, complete: true } as never)).toBe(met ? "achieved" : "missed");
      }),
    );
  });

  it("of a better value is never worse", () => {
    const order = ["missed", "at risk", "not enough data", "on track", "achieved"];
    const standing = fc.record({
      target: fc.nat(100),
      direction: fc.constantFrom("up" as const, "down" as const),
      elapsed: fc.double({ min: 0, max: 1, noNaN: true }),
      due: fc.double({ min: 0, max: 1, noNaN: true }),
      cumulative: fc.boolean(),
      complete: fc.boolean(),
    });
    fc.assert(
      fc.property(standing, fc.nat(120), fc.nat(120), (of, one, other) => {
        const [worse, better] =
          of.direction === "up"
            ? [Math.min(one, other), Math.max(one, other)]
            : [Math.max(one, other), Math.min(one, other)];
        const rank = (value: number) => order.indexOf(statusOf({ ...of, value }));
        expect(rank(better)).toBeGreaterThanOrEqual(rank(worse));
      }),
    );
  });

  it("of a count follows the shape of its earlier months: what is late by the clock may be early by the season", () => {
    const now = new Date("2026-11-16T00:00:00Z");
    const month = periodContaining("month", "2026-11-16");
    const target: Target = {
      kpi: "new-leads",
      period: "month",
      target: 100,
      owner,
      version: 1,
      updatedAt: now.toISOString(),
      updatedBy: "mia",
    };
    const snapshot = {
      start: month.start,
      asOf: now.toISOString(),
      numerator: 30,
      denominator: null,
      n: 30,
      facts: 30,
      leftOut: 0,
    };
    const shape = {
      kpi: "new-leads",
      period: "month",
      shares: [0, 0.25, 1],
      periods: 6,
      asOf: now.toISOString(),
    } as const;
    const line = (shapes: readonly object[]) =>
      lineOf(kpiNamed("new-leads"), month, [snapshot], {
        now,
        timeZone: "UTC",
        targets: [target],
        shapes: shapes as never,
      });
    expect(line([])).toMatchObject({ status: "at risk", due: 50 });
    expect(line([shape])).toMatchObject({ status: "on track", due: 25 });
    expect(line([{ ...shape, period: "year" }])).toMatchObject({ due: 50 });
  });
});

describe("the next version of a target", () => {
  const stamp = { updatedAt: "2026-11-01T00:00:00.000Z", updatedBy: "mia" };
  const place = { kpi: "new-leads", period: "month" } as const;
  const first = nextTarget(undefined, place, { target: 1, owner }, { expected: undefined, ...stamp });
  const ended: Target = { ...first, version: 2, ended: true };
  it.each([
    ["over one that stands, without its version", first, undefined, "already_exists"],
    ["from another version", first, 2, "version_conflict"],
    ["of one that never was", undefined, 1, "not_found"],
    ["of one that was taken back", ended, 2, "not_found"],
  ] as const)("%s is refused", (_, current, expected, code) => {
    const next = () => nextTarget(current, place, { target: 2, owner }, { expected, ...stamp });
    expect(next).toThrow(expect.objectContaining({ code }));
  });

  it.each(periodKinds)("by %s after one that was taken back goes on counting", (period) => {
    const next = nextTarget(
      { ...ended, period },
      { ...place, period },
      { target: 2, owner },
      { expected: undefined, ...stamp },
    );
    expect(next).toMatchObject({ version: 3, target: 2, period });
    expect(next.ended).toBeUndefined();
  });
});
