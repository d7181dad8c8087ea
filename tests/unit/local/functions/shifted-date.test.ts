import { describe, expect, it } from "vitest";
import { shiftedDate } from "../../../../local/functions/child/shifted-date.ts";

const HOUR = 3_600_000;
const Shifted = shiftedDate(Date, () => HOUR);

describe("a shifted Date", () => {
  it.each([
    ["new Date()", () => new Shifted().getTime()],
    ["Date.now()", () => Shifted.now()],
    ["Date()", () => Date.parse(Shifted()) + 999],
    ["Reflect.construct", () => Reflect.construct(Shifted, []).getTime()],
  ])("reads the offset ahead by %s", (_, read) => {
    const ahead = read() - Date.now();
    expect(ahead).toBeGreaterThan(HOUR - 1_000);
    expect(ahead).toBeLessThanOrEqual(HOUR + 1_000);
  });

  it("leaves named instants as they are", () => {
    expect(new Shifted(0).toISOString()).toBe("1970-01-01T00:00:00.000Z");
    expect(new Shifted("2026-11-22T06:30:00Z").getTime()).toBe(Date.parse("2026-11-22T06:30:00Z"));
    expect(new Shifted(2026, 10, 22).getMonth()).toBe(10);
    expect(Shifted.UTC(2026, 10, 22)).toBe(Date.UTC(2026, 10, 22));
  });

  it("is the same class to instanceof and can be extended", () => {
    class Day extends Shifted {
      day() {
        return this.toISOString().slice(0, 10);
      }
    }
    expect(new Shifted()).toBeInstanceOf(Date);
    expect(new Date()).toBeInstanceOf(Shifted);
    expect(new Day()).toBeInstanceOf(Day);
    expect(new Day(0).day()).toBe("1970-01-01");
    expect(new Day().getTime() - Date.now()).toBeGreaterThan(HOUR - 1_000);
  });
});
