import type * as z from "zod/mini";
import { decimalOf, sumOf } from "./amounts.ts";
import type { Mapped, TrackCall } from "./connector.ts";
import { instantOf } from "./instant.ts";
import { traitsOf } from "./shopify-customers.ts";
import { netTextOf, productsOf } from "./shopify-lines.ts";
import { cartSchema, checkoutSchema } from "./shopify-schemas.ts";

type Checkout = z.infer<typeof checkoutSchema>;

/**
 * A checkout that was begun or went on; one that is completed is told by its order. Its id is the token; not every delivery
 * names the cart as well.
 */
export function mapCheckout(body: unknown): Mapped | undefined {
  const checkout = checkoutSchema.parse(body);
  const { token, currency } = checkout;
  if (token === undefined || currency === undefined || checkout.completed_at !== undefined) return undefined;
  const call: TrackCall = {
    type: "track",
    event: "Checkout Started",
    timestamp: instantOf(checkout.updated_at ?? checkout.created_at),
    userId: checkout.customer?.id,
    properties: {
      ...amountsOf(checkout, currency),
      checkout_id: token,
      cart_id: checkout.cart_token,
      url: checkout.abandoned_checkout_url,
    },
    context: { traits: traitsOf(checkout.customer, checkout.email, checkout.billing_address) },
  };
  return { calls: [call] };
}

function amountsOf(checkout: Checkout, currency: string) {
  return {
    currency,
    revenue: checkout.subtotal_price ?? netTextOf(checkout.line_items, currency, checkout.taxes_included === true),
    value: checkout.total_price ?? undefined,
    tax: checkout.total_tax ?? undefined,
    discount: checkout.total_discounts ?? undefined,
    coupon: checkout.discount_codes.find(({ code }) => code !== undefined)?.code,
    products: productsOf(checkout.line_items),
  };
}

/** A deleted checkout is an emptied cart: nobody is to be reminded of it. */
export function mapDeletedCheckout(body: unknown): Mapped | undefined {
  const { token, cart_token } = checkoutSchema.parse(body);
  if (token === undefined && cart_token === undefined) return undefined;
  return cartCall(undefined, { cart_id: cart_token, checkout_id: token, products: [] });
}

/** A cart has no person: it waits under its token until a checkout or an order with that token says who it is. */
export function mapCart(body: unknown): Mapped | undefined {
  const cart = cartSchema.parse(body);
  const id = cart.token ?? cart.id;
  if (id === undefined) return undefined;
  const currency = cart.line_items
    .map(({ line_price_set }) => line_price_set?.shop_money?.currency_code)
    .find((code) => code !== undefined);
  const lines = cart.line_items.map((line) => line.line_price_set?.shop_money?.amount ?? line.line_price);
  const value = currency === undefined ? undefined : decimalOf(sumOf(lines, currency), currency);
  return cartCall(cart.updated_at, { cart_id: id, currency, value, products: productsOf(cart.line_items) });
}

function cartCall(at: string | undefined, properties: Readonly<Record<string, unknown>>): Mapped {
  const call: TrackCall = {
    type: "track",
    event: "Cart Viewed",
    timestamp: instantOf(at),
    properties,
    context: { traits: {} },
  };
  return { calls: [call] };
}
