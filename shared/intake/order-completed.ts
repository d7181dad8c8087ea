import * as z from "zod/mini";
import { parseEmailAddress } from "../contacts/email-address.ts";
import type { Violation } from "../errors.ts";
import type { Order } from "../events/commerce.ts";
import { isCurrency, type Money, toMinorUnits } from "./money.ts";

const isLine = (value: string, longest: number) =>
  value.trim() !== "" && value.length <= longest && value.isWellFormed() && !/\p{Cc}/u.test(value);

const line = (longest: number) =>
  z.string().check(z.refine((value) => isLine(value, longest), `one line of text (${longest} characters at most)`));

/** Shops' own ids: kept as text, since they outgrow what a JSON number holds exactly. */
const isIdentifier = (value: unknown) => (typeof value === "string" ? isLine(value, 200) : Number.isSafeInteger(value));
const identifier = z.pipe(
  z.custom<string | number>(isIdentifier, "an id as text, or an integer below 2^53"),
  z.transform(String),
);
const price = z.nullish(z.union([z.number(), z.string()], "an amount such as 19.99"));

/** What has no use for us must not refuse an order: it reads as absent. (`z.catch` says so too, and weighs 10 KB.) */
const lenient = (isUseful: (value: unknown) => boolean) =>
  z.pipe(
    z.optional(z.unknown()),
    z.transform((value) => (isUseful(value) ? String(value) : undefined)),
  );
const label = lenient((value) => typeof value === "string" && isLine(value, 300));

const productSchema = z.looseObject({
  product_id: z.nullish(identifier),
  sku: lenient(isIdentifier),
  name: label,
  category: label,
  quantity: z._default(z.number().check(z.gte(0), z.lte(1e9)), 1),
  price,
});

/** An `Order Completed` of the Segment spec: strict on what we use, loose on the rest. */
export const orderCompletedSchema = z.looseObject({
  order_id: identifier,
  currency: z.string().check(z.toUpperCase(), z.refine(isCurrency, "a currency of ISO 4217, such as EUR")),
  revenue: price,
  subtotal: price,
  total: price,
  tax: price,
  shipping: price,
  discount: price,
  coupon: label,
  products: z._default(z.array(productSchema).check(z.maxLength(500)), []),
  test: z.optional(z.boolean()),
});
type OrderCompleted = z.infer<typeof orderCompletedSchema>;
type Price = z.infer<typeof price>;

/** The order that an event tells, or everything that is wrong with its amounts. */
export function orderFrom(properties: OrderCompleted): Order | readonly Violation[] {
  const { currency } = properties;
  const violations: Violation[] = [];
  const money = (value: Price, name: string): Money | undefined => {
    if (value === null || value === undefined) return undefined;
    const amount = toMinorUnits(value, currency);
    if (amount !== undefined) return { amount, currency };
    violations.push({
      pointer: `/properties/${name}`,
      code: "invalid_amount",
      message: "is not an amount such as 19.99, zero or more",
    });
    return undefined;
  };
  const total = money(properties.total, "total");
  const tax = money(properties.tax, "tax");
  const shipping = money(properties.shipping, "shipping");
  const revenue =
    money(properties.revenue, "revenue") ?? money(properties.subtotal, "subtotal") ?? without(total, [tax, shipping]);
  const order = {
    orderId: properties.order_id,
    total,
    tax,
    shipping,
    discount: money(properties.discount, "discount"),
    coupon: properties.coupon,
    products: properties.products.map((product, at) => ({
      productId: product.product_id ?? undefined,
      sku: product.sku,
      name: product.name,
      category: product.category,
      // Beyond six places a number would not fit the table's.
      quantity: Number(product.quantity.toFixed(6)),
      price: money(product.price, `products/${at}/price`),
    })),
    test: properties.test === true || undefined,
  };
  if (violations.length > 0) return violations;
  if (revenue !== undefined) return { ...order, revenue };
  return [{ pointer: "/properties/revenue", code: "missing", message: "send revenue, subtotal or total" }];
}

/** Segment's `total` has tax and shipping in it; `revenue` and `subtotal` have not. */
function without(total: Money | undefined, parts: readonly (Money | undefined)[]): Money | undefined {
  if (total === undefined) return undefined;
  const rest = parts.reduce((left, part) => left - (part?.amount ?? 0), total.amount);
  return { amount: Math.max(0, rest), currency: total.currency };
}

/** Where sources put the buyer's address, the first that is there wins. */
export function emailIn(envelope: TrackEnvelope): { readonly email: string } | readonly Violation[] {
  const places: readonly (readonly [string, string | null | undefined])[] = [
    ["/properties/email", envelope.properties.email],
    ["/context/traits/email", envelope.context?.traits?.email],
    ["/traits/email", envelope.traits?.email],
  ];
  const [pointer, email] = places.find(([, value]) => typeof value === "string" && value.trim() !== "") ?? [];
  if (pointer === undefined || typeof email !== "string") {
    const message = "send the buyer's e-mail address in properties.email or context.traits.email";
    return [{ pointer: "/properties/email", code: "missing", message }];
  }
  const parsed = parseEmailAddress(email);
  return parsed ? { email: parsed.address } : [{ pointer, code: "invalid_email", message: "is not an e-mail address" }];
}

const traits = z.nullish(z.looseObject({ email: z.nullish(z.string()) }));

/** The envelope of Segment's `track` call. */
export const trackEnvelopeSchema = z.looseObject({
  type: z.optional(z.literal("track")),
  event: z.string(),
  messageId: line(255),
  timestamp: z.nullish(z.iso.datetime({ offset: true })),
  properties: z.looseObject({ email: z.nullish(z.string()) }),
  context: z.nullish(z.looseObject({ traits })),
  traits,
});
export type TrackEnvelope = z.infer<typeof trackEnvelopeSchema>;
