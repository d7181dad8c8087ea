import { afterEach, describe, expect, it } from "vitest";
import { createClock } from "../../../local/clock.ts";

const restores: (() => void)[] = [];
afterEach(() => {
  for (const restore of restores.splice(0)) restore();
});

const HOUR = 3_600_000;

describe("the host's clock", () => {
  it("starts at the machine's time", () => {
    expect(Math.abs(createClock().now() - Date.now())).toBeLessThan(1000);
  });

  it("starts at the offset of an earlier run", () => {
    expect(createClock(HOUR).offset()).toBe(HOUR);
  });

  it("adds up its advances and tells each listener once per change", () => {
    const clock = createClock();
    const heard: number[] = [];
    const forget = clock.onChange((offset) => heard.push(offset));
    clock.advanceBy(HOUR);
    clock.advanceBy(0);
    clock.advanceBy(1);
    forget();
    clock.advanceBy(1);
    expect(heard).toEqual([HOUR, HOUR + 1]);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])("refuses to move by %d", (ms) => {
    expect(() => createClock().advanceBy(ms)).toThrow(RangeError);
  });
});

describe("an installed clock", () => {
  const installed = () => {
    const clock = createClock();
    restores.push(clock.install());
    return clock;
  };

  it("moves every way to read the time", () => {
    const before = Date.now();
    installed().advanceBy(48 * HOUR);
    expect(Date.now() - before).toBeGreaterThanOrEqual(48 * HOUR);
    expect(new Date() > new Date(before + 48 * HOUR - 1)).toBe(true);
    expect(Math.abs(Date.parse(Date()) - Date.now())).toBeLessThan(2000);
  });

  it("leaves given dates, parsing and performance.now alone", () => {
    const started = performance.now();
    installed().advanceBy(HOUR);
    expect(new Date(0).toISOString()).toBe("1970-01-01T00:00:00.000Z");
    expect(Date.UTC(2026, 0)).toBe(Date.parse("2026-01-01T00:00:00Z"));
    expect(performance.now() - started).toBeLessThan(HOUR);
  });

  it("keeps older dates and subclasses instances of Date", () => {
    const older = new Date();
    installed().advanceBy(HOUR);
    class Stamp extends Date {}
    expect(older).toBeInstanceOf(Date);
    expect(new Stamp()).toBeInstanceOf(Stamp);
    expect(Math.abs(new Stamp().getTime() - Date.now())).toBeLessThan(1000);
  });

  it("gives the machine's Date back", () => {
    const machine = Date;
    const clock = createClock();
    const restore = clock.install();
    expect(Date).not.toBe(machine);
    restore();
    expect(Date).toBe(machine);
  });
});
