import * as z from "zod/mini";
import { cartEventSchema, type Product, productEventSchema } from "../events/commerce.ts";
import type { Event } from "../events/event.ts";
import type { Money } from "../intake/money.ts";

const lineSchema = z.object({
  /** The product's id, else its SKU, else its name. */
  product: z.string(),
  name: z.optional(z.string()),
  quantity: z.number(),
  /** Of one, in the cart's currency and its minor unit. */
  price: z.optional(z.number()),
});
export type CartLine = z.infer<typeof lineSchema>;

/** An open cart as a profile keeps it: short. Every word of it stands in the events of the timeline. */
export const cartSchema = z.object({
  /** Its last activity: delays run from here. */
  at: z.string(),
  checkoutAt: z.optional(z.string()),
  /** The checkout that the cart became. */
  checkoutId: z.optional(z.string()),
  /** In minor units. */
  value: z.optional(z.number()),
  currency: z.optional(z.string()),
  /** Where the person can go on with it. */
  url: z.optional(z.string()),
  lines: z.optional(z.array(lineSchema)),
});
export type Cart = z.infer<typeof cartSchema>;

/** A contact's open carts by their tokens. */
export type Carts = Readonly<Record<string, Cart>>;

const mostCarts = 5;
const mostLines = 10;
const longestName = 60;
const longestUrl = 300;
/** Of a shop that names no carts, each person has one. */
const onlyCart = "cart";

/** The token under which an event's cart is kept; a checkout is kept with the cart that it came from. */
function cartIdOf(
  carts: Carts,
  tokens: { readonly cartId?: string | undefined; readonly checkoutId?: string | undefined },
): string {
  const { cartId, checkoutId } = tokens;
  if (cartId !== undefined) return cartId;
  if (checkoutId === undefined) return onlyCart;
  return Object.entries(carts).find(([, cart]) => cart.checkoutId === checkoutId)?.[0] ?? checkoutId;
}

/** The open carts after an event of one of them. Events come in the order of their time; closed tokens stay closed. */
export function cartsAfter(carts: Carts, event: Event, closed: readonly string[]): Carts {
  const about = aboutOf(event);
  const id = cartIdOf(carts, about);
  if (closed.includes(id) || (about.checkoutId !== undefined && closed.includes(about.checkoutId))) return carts;
  const { [id]: held, ...others } = carts;
  const lines = about.change(held?.lines ?? []);
  if (lines.length === 0) return others;
  const currency = about.currency ?? held?.currency;
  const cart: Cart = {
    at: event.occurredAt,
    checkoutAt: event.name === "Checkout Started" ? event.occurredAt : held?.checkoutAt,
    checkoutId: about.checkoutId ?? held?.checkoutId,
    value: about.value ?? worthOf(lines),
    currency,
    url: about.url ?? held?.url,
    lines: lines.slice(0, mostLines),
  };
  return newest({ ...others, [id]: cart });
}

interface About {
  readonly cartId?: string | undefined;
  readonly checkoutId?: string | undefined;
  readonly value?: number | undefined;
  readonly currency?: string | undefined;
  readonly url?: string | undefined;
  readonly change: (lines: readonly CartLine[]) => readonly CartLine[];
}

function aboutOf({ name, properties }: Event): About {
  if (name === "Cart Viewed" || name === "Checkout Started") {
    const { cartId, checkoutId, value, url, products } = cartEventSchema.parse(properties);
    const currency = (value ?? firstPrice(products))?.currency;
    const lines = products.reduce<readonly CartLine[]>((all, product) => added(all, product, 1), []);
    const short = url !== undefined && url.length <= longestUrl ? url : undefined;
    return { cartId, checkoutId, value: value?.amount, currency, url: short, change: () => lines };
  }
  const { cartId, checkoutId, product } = productEventSchema.parse(properties);
  const sign = name === "Product Added" ? 1 : -1;
  return { cartId, checkoutId, currency: product.price?.currency, change: (lines) => added(lines, product, sign) };
}

function firstPrice(products: readonly Product[]): Money | undefined {
  return products.find(({ price }) => price !== undefined)?.price;
}

function added(lines: readonly CartLine[], product: Product, sign: 1 | -1): readonly CartLine[] {
  const key = product.productId ?? product.sku ?? product.name ?? "";
  const held = lines.find((line) => line.product === key);
  const line: CartLine = {
    product: key,
    name: product.name === undefined ? held?.name : [...product.name].slice(0, longestName).join(""),
    quantity: (held?.quantity ?? 0) + sign * product.quantity,
    price: product.price?.amount ?? held?.price,
  };
  const others = lines.filter((other) => other !== held);
  return line.quantity > 0 ? [...others, line] : others;
}

/** Unknown as soon as one line's price is. */
function worthOf(lines: readonly CartLine[]): number | undefined {
  return lines.reduce<number | undefined>(
    (sum, { price, quantity }) =>
      sum === undefined || price === undefined ? undefined : sum + Math.round(price * quantity),
    0,
  );
}

function newest(carts: Carts): Carts {
  const entries = Object.entries(carts);
  if (entries.length <= mostCarts) return carts;
  return Object.fromEntries(entries.sort(([, a], [, b]) => (a.at < b.at ? 1 : -1)).slice(0, mostCarts));
}
