import { decimalOf, minorOf, sumOf } from "./amounts.ts";
import type { Line } from "./shopify-schemas.ts";

/** Lines as the Segment spec's `products`. */
export function productsOf(lines: readonly Line[]) {
  return lines.map((line) => ({
    product_id: line.product_id,
    variant_id: line.variant_id,
    sku: line.sku,
    name: line.title,
    variant: line.variant_title,
    brand: line.vendor,
    category: line.product_type,
    quantity: line.quantity ?? 1,
    price: line.price ?? undefined,
  }));
}

/**
 * What the shop earns by some lines, in minor units: after discounts, without tax and gift cards (which are sold on
 * credit: they are revenue when they are spent).
 */
export function netOf(lines: readonly Line[], currency: string, taxesIncluded: boolean): number {
  return lines
    .filter((line) => line.gift_card !== true)
    .reduce((sum, line) => {
      const gross = Math.round(minorOf(line.price, currency) * (line.quantity ?? 1));
      const off = sumOf(
        line.discount_allocations.map(({ amount }) => amount),
        currency,
      );
      const tax = taxesIncluded
        ? sumOf(
            line.tax_lines.map(({ price }) => price),
            currency,
          )
        : 0;
      return sum + Math.max(0, gross - off - tax);
    }, 0);
}

/** The same as a decimal text. */
export function netTextOf(lines: readonly Line[], currency: string, taxesIncluded: boolean): string {
  return decimalOf(netOf(lines, currency, taxesIncluded), currency);
}
