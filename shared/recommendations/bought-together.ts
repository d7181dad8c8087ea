import * as z from "zod/mini";
import { type Basket, type BasketProduct, basketProductSchema, productKeyOf } from "./basket.ts";

/** A pair that came together less often is chance. */
export const leastTogether = 3;
/** A pair with a smaller lift comes together hardly more often than any two products. */
export const leastLift = 1.1;
/** Of so many best-selling products pairs are counted. */
export const mostProductsCounted = 2_000;
/** What is kept of a list. */
export const mostKept = 8;

/** A product that goes with another. */
export const partnerSchema = z.object({
  product: basketProductSchema,
  /** Orders with both. */
  together: z.number(),
  /** How many times more often the two come together than they would by chance; of the best sellers there is none. */
  lift: z.optional(z.number()),
});
export type Partner = z.infer<typeof partnerSchema>;

export interface BoughtTogether {
  /** By product key: what goes with it, best first. */
  readonly partners: ReadonlyMap<string, readonly Partner[]>;
  /** What is ordered most, best first; `together` counts its orders. */
  readonly bestSellers: readonly Partner[];
}

/**
 * What is bought together, from orders' products.
 *
 * lift(A, B) = n(A and B) · N ⁄ (n(A) · n(B)), with N the orders (the association-rule measure of Brin et al. 1997). Only
 * pairs with `leastTogether` orders and `leastLift` count. They are ranked by the lift less one standard error of its
 * count, lift · (1 − 1 ⁄ √n(A and B)): three chance meetings of rare products do not stand before a hundred of common ones.
 *
 * @param baskets in any order: the answer is the same
 */
export function boughtTogether(baskets: Iterable<Pick<Basket, "sk" | "products">>): BoughtTogether {
  const orders: { readonly sk: string; readonly keys: readonly string[] }[] = [];
  const products = new Map<string, { count: number; seen: string; product: BasketProduct }>();
  for (const { sk, products: bought } of baskets) {
    const keys = new Set<string>();
    for (const product of bought) {
      const key = productKeyOf(product);
      if (key === undefined || keys.has(key)) continue;
      keys.add(key);
      const known = products.get(key);
      if (known === undefined) products.set(key, { count: 1, seen: sk, product });
      else {
        known.count++;
        // as the newest order tells of it
        if (sk > known.seen) Object.assign(known, { seen: sk, product });
      }
    }
    orders.push({ sk, keys: [...keys] });
  }
  const ranked = [...products].toSorted(([keyA, a], [keyB, b]) => b.count - a.count || (keyA < keyB ? -1 : 1));
  const counted = new Set(ranked.slice(0, mostProductsCounted).map(([key]) => key));
  const pairs = countPairs(orders, counted);
  const partners = new Map<string, readonly Partner[]>();
  for (const [key, others] of pairs) {
    const count = products.get(key)?.count ?? 0;
    const found = [...others].flatMap(([other, together]) => {
      const partner = products.get(other);
      if (partner === undefined || together < leastTogether) return [];
      const lift = (together * orders.length) / (count * partner.count);
      return lift < leastLift ? [] : [{ key: other, partner: { product: partner.product, together, lift } }];
    });
    if (found.length === 0) continue;
    const best = found.toSorted(
      (a, b) => surelyLifted(b.partner) - surelyLifted(a.partner) || (a.key < b.key ? -1 : 1),
    );
    partners.set(
      key,
      best.slice(0, mostKept).map(({ partner }) => partner),
    );
  }
  const bestSellers = ranked.slice(0, mostKept).map(([, { product, count }]) => ({ product, together: count }));
  return { partners, bestSellers };
}

function surelyLifted({ lift, together }: { readonly lift: number; readonly together: number }): number {
  return lift * (1 - 1 / Math.sqrt(together));
}

function countPairs(
  orders: readonly { readonly keys: readonly string[] }[],
  counted: ReadonlySet<string>,
): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const pairs = new Map<string, Map<string, number>>();
  for (const { keys } of orders) {
    const known = keys.filter((key) => counted.has(key));
    for (const key of known) {
      const others = pairs.get(key) ?? new Map<string, number>();
      pairs.set(key, others);
      for (const other of known) if (other !== key) others.set(other, (others.get(other) ?? 0) + 1);
    }
  }
  return pairs;
}

/**
 * The products to recommend beside what someone has in hand: of every list the best first, in turn, none twice.
 *
 * @param lists what goes with each product in hand
 * @param owned keys of products that are not recommended: those in hand, and those bought before
 */
export function recommended(
  lists: readonly (readonly Partner[])[],
  owned: ReadonlySet<string>,
  most = 4,
): readonly BasketProduct[] {
  const chosen = new Map<string, BasketProduct>();
  const longest = Math.max(0, ...lists.map((list) => list.length));
  for (let rank = 0; rank < longest; rank++) {
    for (const list of lists) {
      const product = list[rank]?.product;
      const key = product && productKeyOf(product);
      if (product === undefined || key === undefined || owned.has(key) || chosen.size >= most) continue;
      chosen.set(key, product);
    }
  }
  return [...chosen.values()];
}
