import * as z from "zod/mini";
import { currencyDigits, type Money, moneySchema } from "../../intake/money.ts";

const text = z.optional(z.catch(z.optional(z.string()), undefined));
const price = z.optional(z.catch(z.optional(moneySchema), undefined));
const lineSchema = z.object({
  name: text,
  quantity: z.catch(z.number(), 1),
  price,
  url: text,
  imageUrl: text,
  productId: text,
  sku: text,
});
const lines = z.catch(z.array(lineSchema), []);
const goodsSchema = z.object({
  id: text,
  cartId: text,
  checkoutId: text,
  orderId: text,
  url: text,
  value: price,
  total: price,
  revenue: price,
  products: z.optional(lines),
  lines: z.optional(lines),
  more: z.optional(z.catch(z.optional(z.boolean()), undefined)),
});

/** An amount as readers of a language write it: `$1,299.00`, `1.299,00 €`. */
export function formatMoney({ amount, currency }: Money, locale: string): string {
  const format = { style: "currency", currency } as const;
  return new Intl.NumberFormat(locale, format).format(amount / 10 ** currencyDigits(currency));
}

/**
 * A cart or an order as templates name it: `id`, `url`, `value` or `total`, `lines` of name, quantity and price,
 * and whether there are `more`. What
 * is not known is left out, so that a template that needs it is not sent with a hole.
 */
export function goodsOf(value: unknown, locale: string): Readonly<Record<string, unknown>> | undefined {
  const parsed = goodsSchema.safeParse(value);
  if (!parsed.success) return undefined;
  const { id, cartId, checkoutId, orderId, url, total, revenue } = parsed.data;
  const all = (parsed.data.products ?? parsed.data.lines ?? []).filter(({ name }) => name !== undefined && name !== "");
  const money = (amount: Money | undefined) => amount && formatMoney(amount, locale);
  return present({
    id: id ?? orderId ?? cartId ?? checkoutId,
    url,
    value: money(parsed.data.value),
    total: money(total ?? revenue),
    more: parsed.data.more,
    lines: all.length > 0 ? all.map((line) => present({ ...line, price: money(line.price) })) : undefined,
  });
}

/** A list of products, as recommendations are given. */
export function productsOf(value: unknown, locale: string): readonly Readonly<Record<string, unknown>>[] | undefined {
  const goods = goodsOf({ products: value }, locale)?.lines;
  return Array.isArray(goods) ? goods : undefined;
}

/** Without what is not there: a strict template then says what it lacks. */
export function present(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined && value !== ""));
}
