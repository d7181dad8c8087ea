import * as z from "zod/mini";
import { refundSum } from "../events/commerce.ts";
import { moneySchema } from "../intake/money.ts";
import { readCall } from "../intake/track.ts";
import { decimalOf, minorOf } from "./amounts.ts";
import type { Call, TrackCall } from "./connector.ts";
import type { LineField, OrderFormat, OrderValues } from "./csv-formats.ts";
import type { FileOrder } from "./csv-orders.ts";
import type { CsvRow } from "./csv-rows.ts";

/** A line of an order; amounts and quantity as decimal text. */
export type OrderLine = { readonly row: CsvRow } & { [field in LineField]?: string | undefined };

interface OrderOnFile {
  readonly source: string;
  readonly format: OrderFormat;
  readonly told: OrderValues;
  readonly lines: readonly OrderLine[];
  readonly now: Date;
}

const completedSchema = z.object({ revenue: moneySchema });

/**
 * The facts of an order on file, which webhooks and the shop's API would tell under the same ids: that it was ordered, that
 * it was cancelled, and what was refunded in all. All are read as they will be when they are stored.
 *
 * @throws DomainError invalid_input with everything that would be refused
 */
export function callsOf({ source, format, told, lines, now }: OrderOnFile): FileOrder {
  const { orderId = "", occurredAt = "", currency = "" } = told;
  const revenue =
    format.revenueOf?.(
      told,
      lines.map(({ lineTotal }) => lineTotal),
      currency,
    ) ?? (format.revenueOf === undefined ? told.revenue : undefined);
  const check = (call: Call) => {
    // Whoever it is of: an order of nobody is counted, and may be wrong as any other.
    const { email } = told;
    const envelope = { ...call, messageId: "file", userId: told.userId ?? (email === undefined ? "guest" : undefined) };
    return readCall(envelope, call.type, { source: { name: source, browser: false }, now, imported: true });
  };
  const ordered = orderCall(told, lines, revenue);
  const net = completedSchema.parse(check(ordered).payload.properties).revenue;
  const calls = [ordered, ...refunded(told, net.amount), ...cancelled(told, decimalOf(net.amount, currency))];
  for (const call of calls.slice(1)) check(call);
  return { id: orderId, at: occurredAt, revenue: net, calls };
}

function orderCall(told: OrderValues, lines: readonly OrderLine[], revenue: string | undefined): TrackCall {
  return {
    type: "track",
    event: "Order Completed",
    timestamp: told.occurredAt,
    userId: told.userId,
    properties: {
      order_id: told.orderId,
      order_name: told.orderName,
      currency: told.currency,
      revenue,
      total: told.total,
      tax: told.tax,
      shipping: told.shipping,
      discount: told.discount,
      coupon: told.coupon,
      cart_id: told.cartId,
      checkout_id: told.checkoutId,
      products: lines.map(({ productId, sku, name, variant, category, quantity, price }) => ({
        product_id: productId,
        sku,
        name,
        variant,
        category,
        quantity: Number(quantity ?? 1),
        price,
      })),
    },
    context: { traits: { email: told.email } },
  };
}

/** A file says what was given back in all, with tax and shipping: of it, revenue has the same share as of the order's total. */
function refunded(told: OrderValues, net: number): TrackCall[] {
  const { currency = "", orderId, refundedAt, cancelledAt, occurredAt, email, userId } = told;
  const given = minorOf(told.refunded, currency);
  if (given === 0) return [];
  const total = minorOf(told.total, currency);
  const revenue = decimalOf(Math.min(net, given * (total > 0 ? Math.min(1, net / total) : 1)), currency);
  return [
    {
      type: "track",
      event: "Order Refunded",
      timestamp: refundedAt ?? cancelledAt ?? occurredAt,
      userId,
      properties: { order_id: orderId, refund_id: refundSum, currency, revenue, total: told.refunded },
      context: { traits: { email } },
    },
  ];
}

function cancelled({ currency, orderId, cancelledAt, email, userId }: OrderValues, revenue: string): TrackCall[] {
  if (cancelledAt === undefined) return [];
  return [
    {
      type: "track",
      event: "Order Cancelled",
      timestamp: cancelledAt,
      userId,
      properties: { order_id: orderId, currency, revenue },
      context: { traits: { email } },
    },
  ];
}
