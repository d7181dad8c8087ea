import * as z from "zod/mini";
import type { Cart, CartLine } from "../contacts/cart.ts";
import { type KnownCarts, standingOf } from "../contacts/cart-standing.ts";
import { mentions, type Template } from "./templates/template.ts";

const text = z.optional(z.catch(z.optional(z.string()), undefined));
const productSchema = z.looseObject({ productId: text, sku: text, name: text });
const rememberedSchema = z.looseObject({
  cartId: text,
  checkoutId: text,
  id: text,
  mark: text,
  url: text,
  products: z.catch(z.array(productSchema), []),
});
type Remembered = z.infer<typeof rememberedSchema>;

type Data = Readonly<Record<string, unknown>>;

interface About {
  readonly remembered: Remembered;
  readonly standing: ReturnType<typeof standingOf>;
}

/** The cart that a template speaks of and a request names, and how it stands; undefined when there is none or nobody knows. */
function aboutOf(template: Template, data: Data, known: KnownCarts | undefined): About | undefined {
  if (known === undefined || data.cart === undefined || !mentions(template, "cart")) return undefined;
  const { success, data: remembered } = rememberedSchema.safeParse(data.cart);
  return success ? { remembered, standing: standingOf(known, remembered) } : undefined;
}

/** Whether a mail speaks of a cart that is gone: it is not sent. */
export function isCartGone(template: Template, data: Data, known: KnownCarts | undefined): boolean {
  return aboutOf(template, data, known)?.standing === "gone";
}

/**
 * What a mail merges, with the cart as it is now rather than as it was when the mail was asked for. A cart that the contact
 * is not known to have is shown as the request tells of it.
 */
export function withCurrentCart(template: Template, data: Data, known: KnownCarts | undefined): Data {
  const about = aboutOf(template, data, known);
  if (about === undefined || typeof about.standing === "string") return data;
  return { ...data, cart: currentOf(about.remembered, about.standing.token, about.standing.cart) };
}

function currentOf(remembered: Remembered, token: string, { url, value, currency, lines = [], more }: Cart) {
  const money = (amount: number | undefined) =>
    amount === undefined || currency === undefined ? undefined : { amount, currency };
  const products = lines.map((line) => ({
    ...detailsOf(line, remembered),
    quantity: line.quantity,
    price: money(line.price),
  }));
  return {
    ...remembered,
    id: token,
    url: url ?? remembered.url,
    value: money(value),
    products,
    lines: undefined,
    more,
  };
}

/** A cart keeps little of a product: what its event told beside that, a picture, say, is shown as long as it is in. */
function detailsOf({ product, name }: CartLine, { products }: Remembered) {
  const told = products.find((one) => (one.productId ?? one.sku ?? one.name) === product);
  return told ?? { name, ...(product !== name && { productId: product }) };
}
