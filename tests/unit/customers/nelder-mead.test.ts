import { expect, it } from "vitest";
import { minimise } from "../../../shared/customers/nelder-mead.ts";

const at = (point: readonly number[], axis: number) => point[axis] ?? Number.NaN;

it("finds the bottom of Rosenbrock's valley", () => {
  const rosenbrock = (point: readonly number[]) =>
    (1 - at(point, 0)) ** 2 + 100 * (at(point, 1) - at(point, 0) ** 2) ** 2;
  const { point } = minimise(rosenbrock, [[-1.2, 1]]);
  expect(at(point, 0)).toBeCloseTo(1, 5);
  expect(at(point, 1)).toBeCloseTo(1, 5);
});

it("finds the bottom of Powell's flat bowl of four numbers", () => {
  const powell = (p: readonly number[]) =>
    (at(p, 0) + 10 * at(p, 1)) ** 2 +
    5 * (at(p, 2) - at(p, 3)) ** 2 +
    (at(p, 1) - 2 * at(p, 2)) ** 4 +
    10 * (at(p, 0) - at(p, 3)) ** 4;
  expect(minimise(powell, [[3, -1, 0, 1]]).value).toBeLessThan(1e-8);
});

it("takes the better of two valleys when it starts in each", () => {
  const valleys = ([x = 0]: readonly number[]) => Math.min((x - 2) ** 2 + 1, (x + 2) ** 2);
  expect(minimise(valleys, [[3], [-3]]).point[0]).toBeCloseTo(-2, 5);
});

it("stays out of where the function is not a number", () => {
  const { point } = minimise(([x = 0]) => (x < 1 ? Number.NaN : x), [[2]]);
  expect(point[0]).toBeCloseTo(1, 5);
});

it("says so when no start leads anywhere", () => {
  expect(minimise(() => Number.NaN, [[0], [1]]).value).toBe(Number.POSITIVE_INFINITY);
});

it("gives up in a valley without an end, after some thousands of steps from each start", () => {
  let asked = 0;
  const endless = ([x = 0, y = 0]: readonly number[]) => {
    asked++;
    return -x - Math.sin(y) * y;
  };
  minimise(endless, [
    [0, 0],
    [1, 1],
  ]);
  expect(asked).toBeLessThan(12_000);
});
