import * as z from "zod/mini";
import { amountSchema } from "./amounts.ts";
import { idSchema, listOf, textSchema } from "./connector.ts";

/** What we read of Shopify's webhook bodies, API version 2026-04. Everything else is left alone. */

const shopMoney = z.nullish(
  z.looseObject({ shop_money: z.nullish(z.looseObject({ amount: amountSchema, currency_code: textSchema })) }),
);

const address = z.nullish(z.looseObject({ company: textSchema, city: textSchema, country_code: textSchema }));

export const customerSchema = z.looseObject({
  id: idSchema,
  email: textSchema,
  first_name: textSchema,
  last_name: textSchema,
  phone: textSchema,
  created_at: textSchema,
  updated_at: textSchema,
  default_address: address,
});

const taxLines = listOf(z.looseObject({ price: amountSchema }));

const lineSchema = z.looseObject({
  product_id: idSchema,
  variant_id: idSchema,
  sku: textSchema,
  title: textSchema,
  variant_title: textSchema,
  vendor: textSchema,
  product_type: textSchema,
  quantity: z._default(z.nullish(z.number()), 1),
  price: amountSchema,
  gift_card: z.nullish(z.boolean()),
  discount_allocations: listOf(z.looseObject({ amount: amountSchema })),
  tax_lines: taxLines,
});
export type Line = z.infer<typeof lineSchema>;

const basket = {
  token: textSchema,
  cart_token: textSchema,
  email: textSchema,
  currency: textSchema,
  created_at: textSchema,
  updated_at: textSchema,
  customer: z.nullish(customerSchema),
  billing_address: address,
  line_items: listOf(lineSchema),
  discount_codes: listOf(z.looseObject({ code: textSchema })),
  taxes_included: z.nullish(z.boolean()),
  subtotal_price: amountSchema,
  total_discounts: amountSchema,
  total_price: amountSchema,
  total_tax: amountSchema,
};

export const orderSchema = z.looseObject({
  ...basket,
  id: idSchema,
  name: textSchema,
  contact_email: textSchema,
  checkout_token: textSchema,
  processed_at: textSchema,
  cancelled_at: textSchema,
  cancel_reason: textSchema,
  financial_status: textSchema,
  fulfillment_status: textSchema,
  total_shipping_price_set: shopMoney,
  test: z.nullish(z.boolean()),
  /** Of the API alone. */
  refunds: listOf(z.unknown()),
});
export type Order = z.infer<typeof orderSchema>;

export const checkoutSchema = z.looseObject({
  ...basket,
  abandoned_checkout_url: textSchema,
  completed_at: textSchema,
});

export const cartSchema = z.looseObject({
  token: textSchema,
  id: idSchema,
  updated_at: textSchema,
  line_items: listOf(z.looseObject({ ...lineSchema.def.shape, line_price_set: shopMoney, line_price: amountSchema })),
});

export const refundSchema = z.looseObject({
  id: idSchema,
  order_id: idSchema,
  created_at: textSchema,
  processed_at: textSchema,
  refund_line_items: listOf(
    z.looseObject({
      quantity: z._default(z.nullish(z.number()), 1),
      subtotal: amountSchema,
      total_tax: amountSchema,
      subtotal_set: shopMoney,
      line_item: z.nullish(lineSchema),
    }),
  ),
  order_adjustments: listOf(
    z.looseObject({ kind: textSchema, amount: amountSchema, tax_amount: amountSchema, amount_set: shopMoney }),
  ),
  refund_shipping_lines: listOf(z.looseObject({ subtotal_amount_set: shopMoney })),
  total_duties_set: shopMoney,
  transactions: listOf(
    z.looseObject({
      kind: textSchema,
      status: textSchema,
      amount: amountSchema,
      currency: textSchema,
      test: z.nullish(z.boolean()),
    }),
  ),
});

export type Refund = z.infer<typeof refundSchema>;

export const emailConsentSchema = z.looseObject({
  customer_id: idSchema,
  email_address: textSchema,
  email_marketing_consent: z.nullish(
    z.looseObject({ state: textSchema, opt_in_level: textSchema, consent_updated_at: textSchema }),
  ),
});

export const privacySchema = z.looseObject({
  shop_domain: textSchema,
  customer: z.nullish(z.looseObject({ id: idSchema, email: textSchema })),
  data_request: z.nullish(z.looseObject({ id: idSchema })),
  orders_requested: listOf(idSchema),
  orders_to_redact: listOf(idSchema),
});
