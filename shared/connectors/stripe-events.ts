import * as z from "zod/mini";
import { currencyDigits } from "../intake/money.ts";
import { decimalOf } from "./amounts.ts";
import { type Call, listOf, type Mapped, textSchema } from "./connector.ts";
import { epochOf } from "./instant.ts";

const amount = z.nullish(z.number());
/** A reference is an id, or the object itself where the sender expanded it. */
const reference = z.pipe(
  z.nullish(z.union([z.string(), z.looseObject({ id: textSchema })])),
  z.transform((value) => (typeof value === "string" ? value : (value?.id ?? undefined))),
);
const currency = z.pipe(
  textSchema,
  z.transform((code) => code?.toUpperCase()),
);
const person = z.nullish(z.looseObject({ email: textSchema, name: textSchema, phone: textSchema }));

/** What the payments, invoices and customers of Stripe have in common, each member where its kind has it. */
const objectSchema = z.looseObject({
  id: textSchema,
  created: amount,
  currency,
  customer: reference,
  invoice: reference,
  payment_intent: reference,
  mode: textSchema,
  payment_status: textSchema,
  amount_total: amount,
  amount_received: amount,
  total_details: z.nullish(z.looseObject({ amount_discount: amount, amount_shipping: amount, amount_tax: amount })),
  amount_paid: amount,
  amount_due: amount,
  tax: amount,
  /** From 2025-03-31 on in place of `tax`. */
  total_taxes: listOf(z.looseObject({ amount })),
  /** From 2025-09-30 on: what a payment pays, `in_…` of an invoice. */
  payment_details: z.nullish(z.looseObject({ order_reference: textSchema })),
  /** Of a payment of an invoice. */
  payment: z.nullish(z.looseObject({ payment_intent: reference, charge: reference })),
  amount_refunded: amount,
  email: textSchema,
  name: textSchema,
  phone: textSchema,
  customer_email: textSchema,
  customer_name: textSchema,
  customer_details: person,
  billing_details: person,
  receipt_email: textSchema,
  lines: z.nullish(
    z.looseObject({
      data: listOf(
        z.looseObject({
          amount,
          description: textSchema,
          quantity: amount,
          price: z.nullish(z.looseObject({ id: textSchema, product: reference })),
          /** From 2025-03-31 on in place of `price`. */
          pricing: z.nullish(
            z.looseObject({ price_details: z.nullish(z.looseObject({ price: reference, product: reference })) }),
          ),
        }),
      ),
    }),
  ),
});
type StripeObject = z.infer<typeof objectSchema>;

const eventSchema = z.looseObject({
  id: textSchema,
  created: amount,
  livemode: z.nullish(z.boolean()),
  data: z.looseObject({
    object: objectSchema,
    previous_attributes: z.nullish(z.looseObject({ amount_refunded: amount })),
  }),
});
type StripeEvent = z.infer<typeof eventSchema>;

/** What an event of Stripe says. */
export function mapStripeEvent(body: unknown, topic: string): Mapped | undefined {
  const mapper = Object.hasOwn(topics, topic) ? topics[topic] : undefined;
  if (mapper === undefined) return undefined;
  const event = eventSchema.parse(body);
  const call = mapper(event.data.object, event);
  return call && { calls: [call] };
}

const topics: Readonly<Record<string, (object: StripeObject, event: StripeEvent) => Call | undefined>> = {
  "checkout.session.completed": fromSession,
  "checkout.session.async_payment_succeeded": fromSession,
  "payment_intent.succeeded": fromPayment,
  "invoice.paid": fromInvoice,
  "invoice_payment.paid": fromInvoicePayment,
  "invoice.payment_failed": fromFailedInvoice,
  "charge.refunded": fromRefund,
  "customer.created": fromCustomer,
  "customer.updated": fromCustomer,
};

/** A subscription's session is told by its invoice; what is not paid yet, by a later event. */
function fromSession(session: StripeObject, event: StripeEvent): Call | undefined {
  const isPaid = session.payment_status === "paid" || session.payment_status === "no_payment_required";
  if (session.mode === "subscription" || !isPaid) return undefined;
  const { amount_tax: tax, amount_shipping: shipping, amount_discount: discount } = session.total_details ?? {};
  return order(session, event, { total: session.amount_total, tax, shipping, discount });
}

/** An invoice's payment is told by the invoice; one without an address, by its checkout session. */
function fromPayment(payment: StripeObject, event: StripeEvent): Call | undefined {
  const ofInvoice = payment.invoice !== undefined || payment.payment_details?.order_reference?.startsWith("in_");
  if (ofInvoice || emailOf(payment) === undefined) return undefined;
  return order(payment, event, { total: payment.amount_received });
}

function fromInvoice(invoice: StripeObject, event: StripeEvent): Call | undefined {
  // A trial's first invoice asks for nothing, and is no order.
  if ((invoice.amount_paid ?? 0) === 0) return undefined;
  return order({ ...invoice, invoice: invoice.id }, event, { total: invoice.amount_paid, tax: taxOf(invoice) });
}

function taxOf({ tax, total_taxes }: StripeObject): number {
  return tax ?? total_taxes.reduce((sum, each) => sum + (each.amount ?? 0), 0);
}

/** Since 2025-03-31 neither invoice nor payment names the other: this does, so that refunds find their order. */
function fromInvoicePayment({ invoice, payment, currency, amount_paid }: StripeObject, event: StripeEvent) {
  const paymentId = payment?.payment_intent ?? payment?.charge;
  if (invoice === undefined || paymentId === undefined || currency === undefined) return undefined;
  return {
    type: "track" as const,
    timestamp: epochOf(event.created),
    event: "Payment Received",
    properties: {
      order_id: invoice,
      payment_id: paymentId,
      currency,
      value: textOf(amount_paid, currency),
      ...testOf(event),
    },
    context: { traits: {} },
  };
}

function fromFailedInvoice(invoice: StripeObject, event: StripeEvent): Call | undefined {
  const { currency, id } = invoice;
  if (currency === undefined || id === undefined || emailOf(invoice) === undefined) return undefined;
  return {
    ...tellerOf(invoice, event),
    event: "Invoice Payment Failed",
    properties: { invoice_id: id, currency, value: textOf(invoice.amount_due, currency), ...testOf(event) },
  };
}

/**
 * The event tells how much was refunded before it, so that each part counts once, in whatever order they come. What of it
 * was revenue is the order's to tell, so the refund is its order's and nobody else's.
 */
function fromRefund(charge: StripeObject, event: StripeEvent): Call | undefined {
  const { currency } = charge;
  const orderId = orderIdOf(charge);
  if (currency === undefined || orderId === undefined || event.id === undefined) return undefined;
  const given = (charge.amount_refunded ?? 0) - (event.data.previous_attributes?.amount_refunded ?? 0);
  return {
    type: "track",
    timestamp: epochOf(event.created),
    event: "Order Refunded",
    properties: {
      order_id: orderId,
      refund_id: event.id,
      currency,
      total: textOf(given, currency),
      ...testOf(event),
    },
    context: { traits: {} },
  };
}

function fromCustomer(customer: StripeObject, event: StripeEvent): Call | undefined {
  if (customer.email === undefined) return undefined;
  const { type: _, context, ...teller } = tellerOf(customer, event);
  return {
    ...teller,
    type: "identify",
    userId: customer.id,
    timestamp: epochOf(event.created),
    traits: context.traits,
  };
}

interface Sums {
  readonly total: number | null | undefined;
  readonly tax?: number | null | undefined;
  readonly shipping?: number | null | undefined;
  readonly discount?: number | null | undefined;
}

function order(object: StripeObject, event: StripeEvent, { total, tax, shipping, discount }: Sums): Call | undefined {
  const { currency } = object;
  const orderId = orderIdOf(object);
  if (currency === undefined || orderId === undefined || total === undefined || total === null) return undefined;
  return {
    ...tellerOf(object, event),
    event: "Order Completed",
    properties: {
      order_id: orderId,
      currency,
      revenue: textOf(total - (tax ?? 0) - (shipping ?? 0), currency),
      total: textOf(total, currency),
      tax: textOf(tax, currency),
      shipping: textOf(shipping, currency),
      discount: textOf(discount, currency),
      products: (object.lines?.data ?? []).map((line) => ({
        product_id:
          line.price?.product ??
          line.pricing?.price_details?.product ??
          line.price?.id ??
          line.pricing?.price_details?.price,
        name: line.description,
        quantity: line.quantity ?? 1,
        // Of several pieces the line says what they cost together.
        price: textOf((line.amount ?? 0) / Math.max(1, line.quantity ?? 1), currency),
      })),
      ...testOf(event),
    },
  };
}

/** What session, invoice, payment and refund of one purchase have in common: the invoice, else the payment. */
function orderIdOf({ invoice, payment_intent, id }: StripeObject): string | undefined {
  return invoice ?? payment_intent ?? id;
}

function emailOf(object: StripeObject): string | undefined {
  const { email, customer_email, customer_details, billing_details, receipt_email } = object;
  return email ?? customer_email ?? customer_details?.email ?? billing_details?.email ?? receipt_email;
}

function tellerOf(object: StripeObject, event: StripeEvent) {
  const { name, phone, customer_name, customer_details, billing_details } = object;
  const [firstName, ...rest] = (name ?? customer_name ?? customer_details?.name ?? billing_details?.name ?? "").split(
    " ",
  );
  return {
    type: "track" as const,
    timestamp: epochOf(event.created ?? object.created),
    userId: object.customer,
    context: {
      traits: {
        email: emailOf(object),
        firstName: firstName === "" ? undefined : firstName,
        lastName: rest.length === 0 ? undefined : rest.join(" "),
        phone: phone ?? customer_details?.phone ?? billing_details?.phone,
      },
    },
  };
}

/** What was paid with a test key is no order. */
function testOf({ livemode }: StripeEvent) {
  return livemode === false ? { test: true } : {};
}

/** Currencies that Stripe counts in hundredths though ISO 4217 has none: https://docs.stripe.com/currencies#special-cases */
const hundredths: ReadonlySet<string> = new Set(["ISK", "UGX"]);

/** Stripe's amounts are minor units already. */
function textOf(minor: number | null | undefined, currency: string): string | undefined {
  if (minor === null || minor === undefined) return undefined;
  return hundredths.has(currency) && currencyDigits(currency) === 0
    ? decimalOf(minor / 100, currency)
    : decimalOf(minor, currency);
}
