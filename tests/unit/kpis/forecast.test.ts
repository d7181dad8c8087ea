import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fewestValues, forecast } from "../../../shared/kpis/forecast.ts";

const series = (length: number, value: (index: number) => number): readonly number[] =>
  Array.from({ length }, (_, index) => value(index));
const weekly = [40, 42, 45, 44, 60, 20, 10];

describe("a forecast", () => {
  test("of what never changes is that, by the simplest method, without doubt", () => {
    expect(
      forecast(
        series(12, () => 5),
        { horizon: 3, season: 1 },
      ),
    ).toEqual({
      method: "naive",
      points: Array.from({ length: 3 }, () => ({ value: 5, low: 5, high: 5 })),
      backtest: { error: 0, naiveError: 0, forecasts: 9 },
    });
  });

  test("follows a trend, and damps it", () => {
    const found = forecast(
      series(24, (index) => 100 + 10 * index),
      { horizon: 3, season: 1 },
    );
    expect(found?.method).toBe("damped trend");
    const values = found?.points.map(({ value }) => value) ?? [];
    expect(values[0]).toBeGreaterThan(330);
    expect(values[2]).toBeGreaterThan(values[1] ?? Number.POSITIVE_INFINITY);
    expect(values[2]).toBeLessThanOrEqual(360);
    expect(found?.backtest.error).toBeLessThan((found?.backtest.naiveError ?? 0) / 2);
  });

  test("knows the days of the week", () => {
    const found = forecast(
      series(56, (index) => weekly[index % 7] ?? 0),
      { horizon: 7, season: 7 },
    );
    expect(found?.method).toBe("seasonal naive");
    expect(found?.points.map(({ value }) => value)).toEqual(weekly);
    expect(found?.backtest.error).toBe(0);
  });

  test("knows the days of the week of a shop that grows", () => {
    const found = forecast(
      series(84, (index) => (weekly[index % 7] ?? 0) + index),
      { horizon: 7, season: 7 },
    );
    expect(found?.method).toBe("seasonal damped trend");
    for (const [index, { value }] of (found?.points ?? []).entries()) {
      expect(Math.abs(value - ((weekly[index] ?? 0) + 84 + index))).toBeLessThan(6);
    }
  });

  test("needs eight values, and two seasons beside the backtest to speak of a season", () => {
    expect(
      forecast(
        series(fewestValues - 1, () => 1),
        { horizon: 1, season: 1 },
      ),
    ).toBeUndefined();
    expect(
      forecast(
        series(15, (index) => weekly[index % 7] ?? 0),
        { horizon: 1, season: 7 },
      )?.method,
    ).not.toMatch(/seasonal/);
  });

  test("sees nothing of what it is tested on: a jump at the very end is an error of every method", () => {
    const found = forecast([...series(11, () => 10), 100], { horizon: 1, season: 1 });
    expect(found?.backtest.naiveError).toBe(90 / 4);
  });

  const values = fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: fewestValues, maxLength: 40 });

  test("lies in an interval that never narrows, and within its bounds", () => {
    fc.assert(
      fc.property(values, (known) => {
        const { points = [] } = forecast(known, { horizon: 4, season: 7 }) ?? {};
        const bounded = forecast(known, { horizon: 4, season: 7, bounds: { least: 0, most: 900 } })?.points ?? [];
        expect(points).toHaveLength(4);
        const widths = points.map(({ low, high }) => high - low);
        for (const [index, width] of widths.entries())
          expect(width).toBeGreaterThanOrEqual((widths[index - 1] ?? 0) - 1e-6);
        for (const { value, low, high } of bounded) {
          expect([low >= 0, low <= value, value <= high, high <= 900]).toEqual([true, true, true, true]);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("of a series in other units is the same in those units", () => {
    fc.assert(
      fc.property(values, (known) => {
        const one = forecast(known, { horizon: 3, season: 1 });
        const cents = forecast(
          known.map((value) => value * 64),
          { horizon: 3, season: 1 },
        );
        expect(cents?.method).toBe(one?.method);
        for (const [index, { value }] of (one?.points ?? []).entries()) {
          expect(cents?.points[index]?.value).toBeCloseTo(value * 64, 3);
        }
      }),
      { numRuns: 60 },
    );
  });
});
