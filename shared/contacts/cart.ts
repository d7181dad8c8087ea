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
  /** There is more in it than these lines. */
  more: z.optional(z.literal(true)),
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

/** What an event or a mail says a cart is known by. */
export interface CartTokens {
  readonly cartId?: string | undefined;
  readonly checkoutId?: string | undefined;
}

/** The tokens under which a cart is kept, the surest first: until both of its tokens are told at once it may be kept as two. */
export function openCartsOf(carts: Carts, { cartId, checkoutId }: CartTokens): readonly string[] {
  const named = cartId === undefined && checkoutId === undefined ? [onlyCart] : [cartId, checkoutId];
  const kept = named.flatMap((token) => (token !== undefined && Object.hasOwn(carts, token) ? [token] : []));
  const became = Object.keys(carts).filter(
    (token) => checkoutId !== undefined && carts[token]?.checkoutId === checkoutId,
  );
  return [...new Set([...kept, ...became])];
}

/** The open carts after an event of one of them. Events come in the order of their time; closed tokens stay closed. */
export function cartsAfter(carts: Carts, event: Event, closed: readonly string[]): Carts {
  const about = aboutOf(event);
  const same = openCartsOf(carts, about);
  const id = about.cartId ?? same[0] ?? about.checkoutId ?? onlyCart;
  if (closed.includes(id) || (about.checkoutId !== undefined && closed.includes(about.checkoutId))) return carts;
  const held = same[0] === undefined ? undefined : carts[same[0]];
  const others = without(carts, same);
  const { lines, value, more } = about.change(held);
  if (lines.length === 0 && !more) return others;
  const cart: Cart = {
    at: event.occurredAt,
    checkoutAt: event.name === "Checkout Started" ? event.occurredAt : held?.checkoutAt,
    checkoutId: about.checkoutId ?? held?.checkoutId,
    value,
    currency: about.currency ?? held?.currency,
    url: about.url ?? held?.url,
    lines: lines.slice(0, mostLines),
    more: more || undefined,
  };
  return newest({ ...others, [id]: cart });
}

/** The carts but for some. */
export function without(carts: Carts, tokens: readonly string[]): Carts {
  return Object.fromEntries(Object.entries(carts).filter(([token]) => !tokens.includes(token)));
}

/** What is in a cart: all its lines as far as they are known, what they are worth, and whether there are more. */
interface Contents {
  readonly lines: readonly CartLine[];
  readonly value: number | undefined;
  readonly more: boolean;
}

interface About extends CartTokens {
  readonly currency?: string | undefined;
  readonly url?: string | undefined;
  readonly change: (held: Cart | undefined) => Contents;
}

function aboutOf({ name, properties }: Event): About {
  if (name === "Cart Viewed" || name === "Checkout Started") {
    const { cartId, checkoutId, value, url, products } = cartEventSchema.parse(properties);
    const currency = (value ?? firstPrice(products))?.currency;
    const lines = products.reduce<readonly CartLine[]>((all, product) => added(all, product, 1), []);
    const short = url !== undefined && url.length <= longestUrl ? url : undefined;
    const contents = { lines, value: value?.amount ?? worthOf(lines), more: lines.length > mostLines };
    return { cartId, checkoutId, currency, url: short, change: () => contents };
  }
  const { cartId, checkoutId, product } = productEventSchema.parse(properties);
  const sign = name === "Product Added" ? 1 : -1;
  return { cartId, checkoutId, currency: product.price?.currency, change: (held) => changed(held, product, sign) };
}

/** What is worth something else by one product more or less: a shop's own sum, and lines that are not kept, still count. */
function changed(held: Cart | undefined, product: Product, sign: 1 | -1): Contents {
  const before = held?.lines ?? [];
  const lines = added(before, product, sign);
  const more = held?.more === true || lines.length > mostLines;
  if (held?.value === undefined) return { lines, value: more ? undefined : worthOf(lines), more };
  const was = before.find((line) => line.product === keyOf(product));
  const is = lines.find((line) => line.product === keyOf(product));
  const price = product.price?.amount ?? was?.price;
  const isUnseen = more && was === undefined;
  const pieces = isUnseen ? sign * product.quantity : (is?.quantity ?? 0) - (was?.quantity ?? 0);
  if (pieces === 0) return { lines, value: held.value, more };
  const value = price === undefined ? undefined : Math.max(0, held.value + Math.round(price * pieces));
  return { lines, value, more };
}

function keyOf({ productId, sku, name = "" }: Pick<Product, "productId" | "sku" | "name">): string {
  return productId ?? sku ?? name;
}

function firstPrice(products: readonly Product[]): Money | undefined {
  return products.find(({ price }) => price !== undefined)?.price;
}

function added(lines: readonly CartLine[], product: Product, sign: 1 | -1): readonly CartLine[] {
  const key = keyOf(product);
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
