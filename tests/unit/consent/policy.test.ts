import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countryRules, type Grounds, marketableUntil, mayMarket } from "../../../shared/consent/policy.ts";
import { bases, type Standing } from "../../../shared/consent/standing.ts";

const now = new Date("2026-03-01T12:00:00.000Z");
const monthsAgo = (months: number) => {
  const at = new Date(now);
  at.setUTCMonth(at.getUTCMonth() - months);
  return at.toISOString();
};
const confirmed: Standing = { state: "granted", basis: "confirmed", grantedAt: monthsAgo(60) };
const withdrawn: Standing = { state: "withdrawn", withdrawnAt: monthsAgo(1) };
const implied = (until: string): Standing => ({ state: "granted", basis: "implied", grantedAt: monthsAgo(1), until });
const customer = (country: string, months = 1) => ({ country, lastOrderAt: monthsAgo(months) });

describe("marketing", () => {
  it.each<[string, Grounds, boolean]>([
    ["to who agreed, anywhere", { standings: [confirmed], policy: "subscribed" }, true],
    ["to nobody known", { standings: [], policy: "country" }, false],
    [
      "to a customer where only consent counts",
      { standings: [], policy: "subscribed", relation: customer("DE") },
      false,
    ],
    ["to a customer in Germany", { standings: [], policy: "country", relation: customer("DE") }, true],
    ["by the country's name", { standings: [], policy: "country", relation: customer(" germany ") }, true],
    [
      "to a customer of a country without a rule",
      { standings: [], policy: "country", relation: customer("JP") },
      false,
    ],
    ["to a customer of no country", { standings: [], policy: "country", relation: customer("") }, false],
    ["23 months after the order", { standings: [], policy: "country", relation: customer("CA", 23) }, true],
    ["24 months after the order", { standings: [], policy: "country", relation: customer("CA", 24) }, false],
    ["12 months after the order in Ireland", { standings: [], policy: "country", relation: customer("IE", 12) }, false],
    [
      "years after the order in the United States",
      { standings: [], policy: "country", relation: customer("US", 99) },
      true,
    ],
    [
      "5 months after an inquiry in Canada",
      { standings: [], policy: "country", relation: { country: "Canada", inquiredAt: monthsAgo(5) } },
      true,
    ],
    [
      "6 months after it",
      { standings: [], policy: "country", relation: { country: "Canada", inquiredAt: monthsAgo(6) } },
      false,
    ],
    [
      "after an inquiry in Germany",
      { standings: [], policy: "country", relation: { country: "DE", inquiredAt: monthsAgo(1) } },
      false,
    ],
    ["to a customer who withdrew", { standings: [withdrawn], policy: "country", relation: customer("US") }, false],
    [
      "to a customer who withdrew and ticked a box since",
      { standings: [{ ...withdrawn, state: "pending" }], policy: "country", relation: customer("US") },
      false,
    ],
    [
      "to a customer who has not confirmed yet",
      { standings: [{ state: "pending" }], policy: "country", relation: customer("DE") },
      true,
    ],
    [
      "by an implied consent where only an express one counts",
      { standings: [implied("2026-04-01T00:00:00.000Z")], policy: "subscribed" },
      false,
    ],
    [
      "by an implied consent in Canada",
      { standings: [implied("2026-04-01T00:00:00.000Z")], policy: "country", relation: { country: "CA" } },
      true,
    ],
    [
      "by one that has ended",
      { standings: [implied("2026-03-01T12:00:00.000Z")], policy: "country", relation: { country: "CA" } },
      false,
    ],
    [
      "by an express one that has ended",
      { standings: [{ ...confirmed, until: monthsAgo(1) }], policy: "subscribed" },
      false,
    ],
    [
      "by a recorded customer of long ago",
      {
        standings: [{ state: "granted", basis: "existingCustomer", grantedAt: monthsAgo(30) }],
        policy: "country",
        relation: { country: "DE" },
      },
      false,
    ],
  ])("%s", (_, grounds, expected) => {
    expect(mayMarket(grounds, now)).toBe(expected);
  });

  it("says until when, so that what depends on it is looked at again then", () => {
    const grounds: Grounds = {
      standings: [],
      policy: "country",
      relation: { country: "DE", lastOrderAt: "2026-01-31T10:00:00.000Z" },
    };
    expect(marketableUntil(grounds)).toBe(Date.parse("2028-01-31T10:00:00.000Z"));
    expect(marketableUntil({ standings: [confirmed], policy: "subscribed" })).toBe(Number.POSITIVE_INFINITY);
  });

  it("goes to nobody on weaker grounds than consent unless the account has chosen so", () => {
    const standing = fc.record({
      state: fc.constantFrom("pending" as const, "granted" as const, "withdrawn" as const),
      basis: fc.constantFrom(...bases),
      grantedAt: fc.integer({ min: 0, max: 100 }).map(monthsAgo),
    });
    const relation = fc.record({
      country: fc.constantFrom(...Object.keys(countryRules)),
      lastOrderAt: fc.constant(monthsAgo(0)),
    });
    fc.assert(
      fc.property(fc.array(standing, { maxLength: 3 }), relation, (standings, known) => {
        const agreed = standings.some(({ state, basis }) => state === "granted" && /confirmed|express/.test(basis));
        expect(mayMarket({ standings, relation: known, policy: "subscribed" }, now)).toBe(agreed);
      }),
    );
  });
});
