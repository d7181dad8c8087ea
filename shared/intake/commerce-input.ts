import * as z from "zod/mini";
import type { Violation } from "../errors.ts";
import type { CartEvent, Order, Payment, Product, ProductEvent, TakenBack } from "../events/commerce.ts";
import { identifier, label, link, looseIdentifier, type Price, price } from "./input-values.ts";
import { isCurrency, type Money, toMinorUnits } from "./money.ts";

const quantity = z._default(z.number().check(z.gte(0), z.lte(1e9)), 1);
const productMembers = {
  product_id: z.nullish(identifier),
  sku: looseIdentifier,
  name: label,
  category: label,
  variant: label,
  brand: label,
  url: link,
  image_url: link,
  quantity,
  price,
};
const productSchema = z.looseObject(productMembers);
type ProductInput = z.infer<typeof productSchema>;
const products = z._default(z.array(productSchema).check(z.maxLength(500)), []);
const currency = z.string().check(z.toUpperCase(), z.refine(isCurrency, "a currency of ISO 4217, such as EUR"));
const tokens = { cart_id: z.nullish(identifier), checkout_id: z.nullish(identifier) };
const amounts = { revenue: price, subtotal: price, total: price, tax: price, shipping: price };

/** Product Viewed, Product Added, Product Removed of the Segment spec: strict on what we use, loose on the rest. */
export const productInputSchema = z
  .looseObject({ ...tokens, ...productMembers, currency: z.nullish(currency) })
  .check(
    z.refine(({ product_id, sku, name }) => (product_id ?? sku ?? name) !== undefined, "send product_id, sku or name"),
  );

/** Cart Viewed, Checkout Started. */
export const cartInputSchema = z.looseObject({
  ...tokens,
  order_id: z.nullish(identifier),
  currency: z.nullish(currency),
  value: price,
  ...amounts,
  coupon: label,
  url: link,
  products,
});

/** Order Placed, Order Completed, Order Updated. */
export const orderInputSchema = z.looseObject({
  ...tokens,
  order_id: identifier,
  placed_at: z.nullish(z.iso.datetime({ offset: true })),
  currency,
  ...amounts,
  discount: price,
  coupon: label,
  products,
  test: z.optional(z.boolean()),
});

/** Order Refunded, Order Cancelled. */
export const takenBackInputSchema = z.looseObject({
  order_id: identifier,
  refund_id: z.nullish(identifier),
  currency: z.nullish(currency),
  ...amounts,
  reason: label,
  products,
  unpaid: z.optional(z.boolean()),
  test: z.optional(z.boolean()),
});

/** Payment Received. */
export const paymentInputSchema = z.looseObject({
  order_id: identifier,
  payment_id: identifier,
  currency: z.nullish(currency),
  value: price,
  test: z.optional(z.boolean()),
});

type Amounts = Readonly<Partial<Record<"revenue" | "subtotal" | "total" | "tax" | "shipping", Price>>>;

/** Reads prices in one currency; what is none is kept as a violation. Without a currency there are no prices. */
class Prices {
  readonly violations: Violation[] = [];
  readonly #currency: string | undefined;

  constructor(currency: string | null | undefined) {
    this.#currency = currency ?? undefined;
  }

  read(value: Price, name: string): Money | undefined {
    if (value === null || value === undefined || this.#currency === undefined) return undefined;
    const amount = toMinorUnits(value, this.#currency);
    if (amount !== undefined) return { amount, currency: this.#currency };
    this.refuse(name, "invalid_amount", "is not an amount such as 19.99, zero or more");
    return undefined;
  }

  /** Lines less discounts. Segment's `total` has tax and shipping in it; `revenue` and `subtotal` have not. */
  revenueOf({ revenue, subtotal, total, tax, shipping }: Amounts): Money | undefined {
    const stated = this.read(revenue, "revenue") ?? this.read(subtotal, "subtotal");
    const all = this.read(total, "total");
    const parts = [this.read(tax, "tax"), this.read(shipping, "shipping")];
    if (stated !== undefined || all === undefined) return stated;
    const rest = parts.reduce((left, part) => left - (part?.amount ?? 0), all.amount);
    return { amount: Math.max(0, rest), currency: all.currency };
  }

  refuse(name: string, code: string, message: string): void {
    this.violations.push({ pointer: `/properties/${name}`, code, message });
  }

  /** What was read, or everything that is wrong with it. */
  or<Read>(read: Read | undefined): Read | readonly Violation[] {
    return read === undefined || this.violations.length > 0 ? this.violations : read;
  }
}

function productOf(input: ProductInput, prices: Prices, place: string): Product {
  return {
    productId: input.product_id ?? undefined,
    sku: input.sku,
    name: input.name,
    category: input.category,
    variant: input.variant,
    brand: input.brand,
    url: input.url,
    imageUrl: input.image_url,
    // Beyond six places a number would not fit the table's.
    quantity: Number(input.quantity.toFixed(6)),
    price: prices.read(input.price, `${place}price`),
  };
}

function productsOf(inputs: readonly ProductInput[], prices: Prices): Product[] {
  return inputs.map((product, at) => productOf(product, prices, `products/${at}/`));
}

function tokensOf({ cart_id, checkout_id }: z.infer<typeof cartTokensSchema>) {
  return { cartId: cart_id ?? undefined, checkoutId: checkout_id ?? undefined };
}
const cartTokensSchema = z.looseObject(tokens);

/** The product that an event is about, or everything that is wrong with its amounts. */
export function productEventFrom(input: z.infer<typeof productInputSchema>): ProductEvent | readonly Violation[] {
  const prices = new Prices(input.currency);
  return prices.or({ ...tokensOf(input), product: productOf(input, prices, "") });
}

/** The cart that an event shows. A checkout of the spec is known by the order that it is to become. */
export function cartFrom(input: z.infer<typeof cartInputSchema>): CartEvent | readonly Violation[] {
  const prices = new Prices(input.currency);
  const { cartId, checkoutId } = tokensOf(input);
  return prices.or({
    cartId,
    checkoutId: checkoutId ?? input.order_id ?? undefined,
    value: prices.read(input.value, "value") ?? prices.revenueOf(input),
    coupon: input.coupon,
    url: input.url,
    products: productsOf(input.products, prices),
    empty: input.products.length === 0 || undefined,
  });
}

/** The order that an event tells, or everything that is wrong with its amounts. */
export function orderFrom(input: z.infer<typeof orderInputSchema>): Order | readonly Violation[] {
  const prices = new Prices(input.currency);
  const revenue = prices.revenueOf(input);
  const order = {
    ...tokensOf(input),
    orderId: input.order_id,
    placedAt: input.placed_at ? new Date(input.placed_at).toISOString() : undefined,
    total: prices.read(input.total, "total"),
    tax: prices.read(input.tax, "tax"),
    shipping: prices.read(input.shipping, "shipping"),
    discount: prices.read(input.discount, "discount"),
    coupon: input.coupon,
    products: productsOf(input.products, prices),
    test: input.test === true || undefined,
  };
  if (revenue !== undefined || prices.violations.length > 0) return prices.or(revenue && { ...order, revenue });
  prices.refuse("revenue", "missing", "send revenue, subtotal or total");
  return prices.violations;
}

/** Whether a sum with tax and shipping is all that is said: what of it was revenue is the order's to tell. */
function isTotalAlone({ revenue, subtotal, tax, shipping, total }: Amounts): boolean {
  return (total ?? undefined) !== undefined && (revenue ?? subtotal ?? tax ?? shipping ?? undefined) === undefined;
}

/** What is taken back of an order. A refund without an amount would not say of how much. */
export function takenBackFrom(
  input: z.infer<typeof takenBackInputSchema>,
  needsAmount: boolean,
): TakenBack | readonly Violation[] {
  const prices = new Prices(input.currency);
  const total = isTotalAlone(input) ? prices.read(input.total, "total") : undefined;
  const revenue = total === undefined ? prices.revenueOf(input) : undefined;
  if ((revenue ?? total) === undefined && needsAmount && prices.violations.length === 0) {
    prices.refuse("revenue", "missing", "send the refunded revenue, subtotal or total, with its currency");
  }
  return prices.or({
    orderId: input.order_id,
    refundId: input.refund_id ?? undefined,
    revenue,
    total,
    reason: input.reason,
    products: productsOf(input.products, prices),
    unpaid: input.unpaid === true || undefined,
    test: input.test === true || undefined,
  });
}

/** The payment of an order. */
export function paymentFrom(input: z.infer<typeof paymentInputSchema>): Payment | readonly Violation[] {
  const prices = new Prices(input.currency);
  return prices.or({
    orderId: input.order_id,
    paymentId: input.payment_id,
    value: prices.read(input.value, "value"),
    test: input.test === true || undefined,
  });
}
