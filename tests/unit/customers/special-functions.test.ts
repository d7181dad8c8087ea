import fc from "fast-check";
import { expect, it } from "vitest";
import { logGamma, logHypergeometric } from "../../../shared/customers/special-functions.ts";

it.each([
  [0.5, Math.log(Math.PI) / 2],
  [1, 0],
  [2, 0],
  [6, Math.log(120)],
  [1e-6, 13.815509980749432],
  [101, 363.73937555556347],
])("finds ln Γ(%d)", (x, expected) => {
  expect(logGamma(x)).toBeCloseTo(expected, 11);
});

it("keeps the recurrence ln Γ(x + 1) = ln x + ln Γ(x)", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-6, max: 1e4, noNaN: true }), (x) => {
      const [left, right] = [logGamma(x + 1), Math.log(x) + logGamma(x)];
      expect(Math.abs(left - right)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(left)));
    }),
  );
});

it.each([0.01, 0.5, 0.9, 0.999])("finds ₂F₁(1, 1; 2; z) = −ln(1 − z) ⁄ z at %d", (z) => {
  expect(Math.exp(logHypergeometric(1, 1, 2, z))).toBeCloseTo(-Math.log(1 - z) / z, 9);
});

it.each([0.3, 2.5, 40, 5_000])("finds ln ₂F₁(a, b; a; z) = −b ln(1 − z) for b = %d, however large the value", (b) => {
  expect(logHypergeometric(3, b, 3, 0.6) / (-b * Math.log(0.4))).toBeCloseTo(1, 11);
});
