import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BasketProduct, productKeyOf } from "../../../shared/recommendations/basket.ts";
import {
  boughtTogether,
  leastLift,
  leastTogether,
  mostKept,
  type Partner,
  recommended,
} from "../../../shared/recommendations/bought-together.ts";

const product = (productId: string): BasketProduct => ({ productId, name: `The ${productId}` });
const baskets = (...lists: readonly string[]) =>
  lists.map((list, index) => ({
    sk: `2026-03-${String(index + 1).padStart(2, "0")}`,
    products: list.split(" ").map(product),
  }));
const namesOf = (partners: readonly Partner[] | undefined) => partners?.map((one) => productKeyOf(one.product));

describe("what is bought together", () => {
  it("is told by lift, worked out by hand", () => {
    // N = 10, tea 5, pot 4, both 4: 4 · 10 ⁄ (5 · 4) = 2
    const { partners, bestSellers } = boughtTogether(
      baskets("tea pot", "tea pot", "tea pot", "tea pot mug", "tea", "mug", "mug", "mug", "mug", "cup"),
    );
    expect(partners.get("tea")).toEqual([{ product: product("pot"), together: 4, lift: 2 }]);
    expect(partners.get("pot")).toEqual([{ product: product("tea"), together: 4, lift: 2 }]);
    expect(partners.has("mug")).toBe(false);
    expect(bestSellers.map((one) => [productKeyOf(one.product), one.together])).toEqual([
      ["mug", 5],
      ["tea", 5],
      ["pot", 4],
      ["cup", 1],
    ]);
  });

  it("is nothing that comes together no more often than any two, or less than three times", () => {
    expect(boughtTogether(baskets("tea pot", "tea pot", "tea pot")).partners.size).toBe(0);
    expect(boughtTogether(baskets("tea pot", "tea pot", "mug", "cup")).partners.size).toBe(0);
    expect(boughtTogether([])).toEqual({ partners: new Map(), bestSellers: [] });
  });

  it("puts what is sure before what is rare", () => {
    const common = Array.from({ length: 30 }, () => "tea pot");
    const rare = Array.from({ length: 3 }, () => "tea spoon");
    const rest = Array.from({ length: 30 }, () => "mug");
    const { partners } = boughtTogether(baskets(...common, ...rare, ...rest));
    // lift of both is 63 ⁄ 33, that of the spoon rests on three orders
    expect(namesOf(partners.get("tea"))).toEqual(["pot", "spoon"]);
  });

  it("shows a product as the newest order tells of it, and counts a line that is told twice once", () => {
    const twice = { sk: "2026-03-02", products: [{ ...product("tea"), name: "New tea" }, product("tea")] };
    const { bestSellers } = boughtTogether([twice, { sk: "2026-03-01", products: [product("tea")] }]);
    expect(bestSellers).toEqual([{ product: { productId: "tea", name: "New tea" }, together: 2 }]);
  });

  it("is the same in whatever order the baskets come, symmetric, and within its bounds", () => {
    const name = fc.constantFrom(..."abcdefghijk");
    const list = fc.array(fc.uniqueArray(name, { minLength: 1, maxLength: 6 }), { maxLength: 60 });
    fc.assert(
      fc.property(list, fc.infiniteStream(fc.nat()), (lists, random) => {
        const all = baskets(...lists.map((one) => one.join(" ")));
        const shuffled = all
          .map((one) => ({ one, at: Number(random.next().value) }))
          .toSorted((a, b) => a.at - b.at)
          .map(({ one }) => one);
        const told = boughtTogether(all);
        expect(boughtTogether(shuffled)).toEqual(told);
        for (const [key, partners] of told.partners) {
          expect(partners.length).toBeLessThanOrEqual(mostKept);
          for (const { product: other, together, lift = 0 } of partners) {
            const both = lists.filter((one) => one.includes(key) && one.includes(other.productId ?? "")).length;
            expect(together).toBe(both);
            expect(together).toBeGreaterThanOrEqual(leastTogether);
            expect(lift).toBeGreaterThanOrEqual(leastLift);
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe("recommended", () => {
  const lists = [["pot", "mug", "spoon"], ["mug", "cup"], []].map((keys) =>
    keys.map((key): Partner => ({ product: product(key), together: 3, lift: 2 })),
  );
  it.each<[what: string, owned: readonly string[], most: number, expected: readonly string[]]>([
    ["the best of every list in turn, none twice", [], 4, ["pot", "mug", "cup", "spoon"]],
    ["at most so many", [], 2, ["pot", "mug"]],
    ["nothing that is owned", ["pot", "cup"], 4, ["mug", "spoon"]],
    ["nothing when all is owned", ["pot", "cup", "mug", "spoon"], 4, []],
  ])("%s", (_, owned, most, expected) => {
    expect(recommended(lists, new Set(owned), most).map(productKeyOf)).toEqual(expected);
  });
});
