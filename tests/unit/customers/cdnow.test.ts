import { expect, it } from "vitest";
import { activityLogLikelihood, expectedPurchases, fitActivity } from "../../../shared/customers/activity-model.ts";
import { groupHistories } from "../../../shared/customers/purchase-history.ts";
import { fitSpend } from "../../../shared/customers/spend-model.ts";
import { cdnowCalibration, cdnowCustomers } from "./cdnow.ts";

const { histories, spends } = cdnowCalibration();
const groups = groupHistories(histories);

it("reproduces the figures of Fader, Hardie & Lee (2005) for BG/NBD on the CDNOW sample to the printed digits", () => {
  const { r, alpha, a, b, logLikelihood } = fitActivity("BG/NBD", groups);
  expect([r, alpha, a, b].map((value) => value.toFixed(3))).toEqual(["0.243", "4.414", "0.793", "2.426"]);
  expect(logLikelihood.toFixed(1)).toBe("-9582.4");
});

it("reproduces the paper's worked example: 1.226 purchases in the next 39 weeks", () => {
  const model = { variant: "BG/NBD", r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 } as const;
  expect(expectedPurchases(model, { frequency: 2, recency: 30.43, age: 38.86 }, 39).toFixed(3)).toBe("1.226");
});

it("reproduces the published parameters of MBG/NBD on the CDNOW sample to the printed digits", () => {
  const { r, alpha, a, b } = fitActivity("MBG/NBD", groups);
  expect([r, alpha, a, b].map((value) => value.toFixed(3))).toEqual(["0.525", "6.183", "0.891", "1.614"]);
});

it("reproduces the published parameters of Gamma-Gamma on the CDNOW repeat buyers to the printed digits", () => {
  const { p, q, v } = fitSpend(spends);
  expect(spends).toHaveLength(946);
  expect([p, q, v].map((value) => value.toFixed(2))).toEqual(["6.25", "3.74", "15.44"]);
});

it("foretells the purchases of the sample's next 39 weeks, which the fit has not seen, to a fifth: they hold a Christmas", () => {
  const model = fitActivity("MBG/NBD", groups);
  const foretold = histories.reduce((sum, history) => sum + expectedPurchases(model, history, 39), 0);
  const end = Date.parse("1997-09-30") / 86_400_000;
  const happened = cdnowCustomers().reduce(
    (sum, orders) => sum + new Set(orders.filter(({ day }) => day > end).map(({ day }) => day)).size,
    0,
  );
  expect(Math.abs(foretold / happened - 1)).toBeLessThan(0.2);
});

it("finds the same likelihood whether equal histories are grouped or not", () => {
  const model = { variant: "MBG/NBD", r: 0.5, alpha: 6, a: 0.9, b: 1.6 } as const;
  const alone = histories.map((history) => ({ ...history, customers: 1 }));
  expect(groups.length).toBeLessThan(histories.length);
  expect(activityLogLikelihood(model, groups)).toBeCloseTo(activityLogLikelihood(model, alone), 6);
});
