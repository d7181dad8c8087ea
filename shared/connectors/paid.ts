/** The states of an order by Shopify in which it was paid. https://shopify.dev/docs/api/admin-rest/latest/resources/order */
export const shopifyPaid: readonly string[] = ["paid", "partially_refunded", "refunded"];

/** The states of an order by WooCommerce in which it was paid, or is as good as paid. */
export const woocommercePaid: readonly string[] = ["processing", "completed", "refunded"];

/** A payment within an hour belongs to the order's placing. */
const atOnceMilliseconds = 3_600_000;

/** When an order was paid, if that was later than when it was placed; both as instants that `Date.parse` reads. */
export function paidLaterAt(placedAt: string | undefined, paidAt: string | undefined): string | undefined {
  if (placedAt === undefined || paidAt === undefined) return undefined;
  return Date.parse(paidAt) - Date.parse(placedAt) > atOnceMilliseconds ? paidAt : undefined;
}
