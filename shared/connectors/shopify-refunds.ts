import { decimalOf, signedMinorOf, sumOf } from "./amounts.ts";
import type { Mapped, TrackCall } from "./connector.ts";
import { instantOf } from "./instant.ts";
import { productsOf } from "./shopify-lines.ts";
import { type Refund, refundSchema } from "./shopify-schemas.ts";

/**
 * A refund names only its order: whose it is follows from that.
 *
 * @param taxesIncluded whether the order's prices have tax in them; without it that is told by the sums
 */
export function mapRefund(body: unknown, taxesIncluded?: boolean): Mapped | undefined {
  const refund = refundSchema.parse(body);
  const currency = currencyOf(refund);
  if (refund.id === undefined || refund.order_id === undefined || currency === undefined) return undefined;
  const moved = moneyMoved(refund, currency);
  const call: TrackCall = {
    type: "track",
    event: "Order Refunded",
    timestamp: instantOf(refund.processed_at ?? refund.created_at),
    properties: {
      order_id: refund.order_id,
      refund_id: refund.id,
      currency,
      revenue: decimalOf(revenueOf(refund, moved, currency, taxesIncluded), currency),
      total: decimalOf(moved.settled + moved.pending, currency),
      products: productsOf(
        refund.refund_line_items.flatMap(({ line_item, quantity }) => (line_item ? [{ ...line_item, quantity }] : [])),
      ),
      ...(moved.isTest && { test: true }),
    },
    context: { traits: {} },
  };
  return { calls: [call] };
}

function currencyOf(refund: Refund): string | undefined {
  return [
    ...refund.refund_line_items.map(({ subtotal_set }) => subtotal_set?.shop_money?.currency_code),
    ...refund.order_adjustments.map(({ amount_set }) => amount_set?.shop_money?.currency_code),
    ...refund.transactions.map((transaction) => transaction.currency),
    refund.total_duties_set?.shop_money?.currency_code,
    // "XXX" stands where Shopify knows no currency.
  ].find((code) => code !== undefined && code !== "XXX");
}

interface MoneyMoved {
  /** Minor units that went back, and that are on their way. */
  readonly settled: number;
  readonly pending: number;
  /** Whether all of it is in the shop's own currency, so that it can be held against the shop's sums. */
  readonly isComparable: boolean;
  readonly isTest: boolean;
}

function moneyMoved({ transactions }: Refund, currency: string): MoneyMoved {
  const refunds = transactions.filter(({ kind }) => kind === "refund");
  const sum = (state: string) =>
    sumOf(
      refunds.filter(({ status }) => status === state).map(({ amount }) => amount),
      currency,
    );
  return {
    settled: sum("success"),
    pending: sum("pending"),
    isComparable: refunds.every((transaction) => (transaction.currency ?? currency) === currency),
    isTest: refunds.length > 0 && refunds.every(({ test }) => test === true),
  };
}

/**
 * What of the order's revenue a refund takes back, in minor units: its lines as they were counted (without tax and gift
 * cards), less what was given back for less than they cost. An item that is put back into stock without any money takes nothing back.
 */
function revenueOf(refund: Refund, moved: MoneyMoved, currency: string, taxesIncluded: boolean | undefined): number {
  const { settled, pending, isComparable } = moved;
  const discrepancy = refund.order_adjustments
    .filter(({ kind }) => kind !== "shipping_refund")
    .reduce((sum, { amount }) => sum + signedMinorOf(amount, currency), 0);
  // Shopify calls short what has not settled yet.
  const short = pending > 0 && discrepancy >= pending ? discrepancy - pending : discrepancy;
  const isWithTax = taxesIncluded ?? (isComparable && hasTaxInside(refund, settled + pending + short, currency));
  const lines = refund.refund_line_items
    .filter(({ line_item }) => line_item?.gift_card !== true)
    .reduce((sum, line) => sum + netOf(line, currency, isWithTax), 0);
  const most = isComparable || settled + pending === 0 ? settled + pending : Number.MAX_SAFE_INTEGER;
  return Math.min(Math.max(0, lines - short), most);
}

type RefundLine = Refund["refund_line_items"][number];

function netOf({ subtotal, total_tax }: RefundLine, currency: string, isWithTax: boolean): number {
  return signedMinorOf(subtotal, currency) - (isWithTax ? signedMinorOf(total_tax, currency) : 0);
}

/** Whether what was to be given back is nearer to the lines alone than to the lines and their tax: a refund does not say it. */
function hasTaxInside(refund: Refund, calculated: number, currency: string): boolean {
  const lines = sumOf(
    refund.refund_line_items.map(({ subtotal }) => subtotal),
    currency,
  );
  const tax = sumOf(
    refund.refund_line_items.map(({ total_tax }) => total_tax),
    currency,
  );
  const goods = calculated - shippingOf(refund, currency);
  return Math.abs(goods - lines) < Math.abs(goods - lines - tax);
}

/** Older versions tell what was given back of the shipping as an adjustment, newer ones by lines. */
function shippingOf({ order_adjustments, refund_shipping_lines }: Refund, currency: string): number {
  const adjusted = order_adjustments
    .filter(({ kind }) => kind === "shipping_refund")
    .flatMap(({ amount, tax_amount }) => [amount, tax_amount]);
  const lines = refund_shipping_lines.map(({ subtotal_amount_set }) => subtotal_amount_set?.shop_money?.amount);
  return sumOf(adjusted.length > 0 ? adjusted : lines, currency);
}
