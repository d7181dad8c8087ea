import { expect, it } from "vitest";
import { stripe } from "../../../shared/connectors/stripe.ts";
import { basil, events } from "./fixtures/stripe.ts";

const mapped = (event: { readonly type: string }) => stripe.map(event, event.type)?.calls[0];
const callOf = (name: keyof typeof events) => mapped(events[name]);

it("reads who pays from customer_details where customer_email is null", () => {
  expect(callOf("session")).toMatchObject({
    event: "Order Completed",
    timestamp: "2026-03-01T10:00:00.000Z",
    userId: "cus_1",
    properties: {
      order_id: "pi_1",
      currency: "USD",
      revenue: "29.00",
      total: "34.00",
      tax: "2.00",
      shipping: "3.00",
      discount: "1.00",
    },
    context: { traits: { email: "lin@payers.example", firstName: "Lin", lastName: "Mae Porter" } },
  });
});

it("counts each part of a refund once, by what the event says was refunded before", () => {
  expect(callOf("refund")).toMatchObject({
    event: "Order Refunded",
    properties: { order_id: "pi_1", refund_id: "evt_charge_refunded", total: "10.00", currency: "USD" },
  });
});

it("leaves it to the order what of a refund was revenue, and whose it is", () => {
  const refund = mapped(basil.refund);
  expect(refund).toMatchObject({ context: { traits: {} } });
  expect(refund?.userId).toBeUndefined();
  expect(refund).not.toHaveProperty("properties.revenue");
});

it("reads tax and products of an invoice as versions from 2025-03-31 on tell them", () => {
  expect(mapped(basil.invoice)).toMatchObject({
    properties: {
      order_id: "in_1",
      currency: "EUR",
      revenue: "10.00",
      tax: "1.90",
      total: "11.90",
      products: [{ product_id: "prod_1", price: "10.00" }],
    },
  });
});

it("ties a payment to the invoice that it paid", () => {
  expect(mapped(basil.invoicePayment)).toMatchObject({
    event: "Payment Received",
    properties: { order_id: "in_1", payment_id: "pi_2", currency: "EUR", value: "11.90" },
  });
  expect(mapped(basil.namedPayment)).toBeUndefined();
});

it("reads an invoice in a currency without cents, its customer given as an object", () => {
  expect(callOf("invoice")).toMatchObject({
    userId: "cus_1",
    properties: {
      order_id: "in_1",
      currency: "JPY",
      revenue: "1820",
      total: "2000",
      products: [{ product_id: "prod_1", price: "1000" }],
    },
  });
});

it("reads a payment with three decimals", () => {
  expect(callOf("payment")).toMatchObject({ properties: { order_id: "pi_3", currency: "KWD", revenue: "0.990" } });
});

it("tells of an invoice that could not be paid", () => {
  expect(callOf("failedInvoice")).toMatchObject({
    event: "Invoice Payment Failed",
    properties: { invoice_id: "in_1", value: "2000" },
  });
});

it("identifies a customer", () => {
  expect(callOf("customer")).toMatchObject({
    type: "identify",
    userId: "cus_1",
    traits: { email: "lin@payers.example", lastName: "Porter" },
  });
});

it("marks what was paid with a test key", () => {
  expect(callOf("test")).toMatchObject({ properties: { test: true } });
  expect(callOf("session")).not.toMatchObject({ properties: { test: true } });
});

it.each(["unpaidSession", "subscriptionSession", "trialInvoice", "namelessPayment", "namelessCustomer"] as const)(
  "%s says nothing",
  (name) => {
    expect(callOf(name)).toBeUndefined();
  },
);

it("takes its id and its topic from the signed body", () => {
  const delivery = { headers: {}, rawBody: Buffer.from("") };
  expect([stripe.deliveryId(delivery, events.session), stripe.topic(delivery, events.session)]).toEqual([
    "evt_checkout_session_completed",
    "checkout.session.completed",
  ]);
});
