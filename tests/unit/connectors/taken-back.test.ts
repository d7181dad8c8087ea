import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";
import { line, order, refund } from "./fixtures/shopify.ts";
import { basil, charge, events } from "./fixtures/stripe.ts";
import { openTimeline } from "./timeline.ts";

let at: Awaited<ReturnType<typeof openTimeline>>;
const open = async () => {
  at = await openTimeline(await createTestTable(engine.url));
};
beforeEach(open);

const fullRefund = { ...events.refund, data: { object: { ...charge, amount_refunded: 3400 } } };

describe("of a refund by Stripe, the order's own share of the sum is taken back", () => {
  it.each([
    ["after its order", [events.session, fullRefund]],
    ["before its order", [fullRefund, events.session]],
  ])("%s", async (_, told) => {
    await at.stripe(...told);
    expect(await at.contact()).toMatchObject({ ordered: { USD: 2900 }, refunded: { USD: 2900 }, revenue: { USD: 0 } });
    expect(await at.net()).toBe(0);
  });

  it("and of parts no more than the order brought, while other orders keep theirs", async () => {
    const other = { ...events.session.data.object, id: "cs_2", payment_intent: "pi_9" };
    const part = (id: string, from: number, to: number) => ({
      ...events.refund,
      id,
      data: { object: { ...charge, amount_refunded: to }, previous_attributes: { amount_refunded: from } },
    });
    await at.stripe(events.session, { ...events.session, id: "evt_2", data: { object: other } });
    await at.stripe(part("evt_r1", 0, 1700), part("evt_r2", 1700, 3400), part("evt_r2", 1700, 3400));
    expect(await at.contact()).toMatchObject({ orders: 2, refunded: { USD: 2900 }, revenue: { USD: 2900 } });
    await at.stripe(part("evt_r3", 0, 3400));
    expect(await at.contact()).toMatchObject({ revenue: { USD: 2900 } });
    expect(await at.net()).toBe(2900);
  });
});

describe("an invoice of a newer API version and its payment are one order", () => {
  it("whose refund takes back what the invoice brought, in whatever order they are told", async () => {
    const all = [basil.invoice, basil.invoicePayment, basil.refund, basil.namedPayment];
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(all, { minLength: all.length }), async (told) => {
        await open();
        await at.stripe(...told);
        expect(await at.contact()).toMatchObject({ orders: 1, ordered: { EUR: 1000 }, revenue: { EUR: 0 } });
        expect(await at.net()).toBe(0);
      }),
      { numRuns: 6 },
    );
  });

  it.each([
    ["that is told first and does not name it", [basil.payment, basil.invoice, basil.invoicePayment]],
    ["that is told last and does not name it", [basil.invoicePayment, basil.invoice, basil.payment]],
  ])("counts the payment %s once", async (_, told) => {
    await at.stripe(...told, ...told);
    expect(await at.contact()).toMatchObject({ revenue: { EUR: 1000 } });
    expect(await at.net()).toBe(1000);
    await at.stripe(basil.refund);
    expect(await at.contact()).toMatchObject({ revenue: { EUR: 0 } });
    expect(await at.net()).toBe(0);
  });
});

it("a refund by Shopify of more than the order was counted with leaves other orders their revenue", async () => {
  await at.shopify("orders/create", order);
  await at.shopify("orders/create", { ...order, id: "77" });
  const [bought] = refund.refund_line_items;
  const back = { kind: "refund", status: "success", amount: "50.00" };
  const lines = [{ ...bought, subtotal: "50.00", total_tax: "0.00", line_item: line }];
  await at.shopify("refunds/create", { ...refund, refund_line_items: lines, transactions: [back] });
  expect(await at.contact()).toMatchObject({ ordered: { EUR: 4000 }, refunded: { EUR: 2000 }, revenue: { EUR: 2000 } });
  expect(await at.net()).toBe(2000);
  expect(await at.names()).toEqual(["Order Completed", "Order Completed", "Order Refunded"]);
});

it("an order that was cancelled in full makes nobody a customer", async () => {
  const cancelled = { ...order, cancelled_at: "2026-03-02T09:00:00Z", financial_status: "refunded" };
  await at.shopify("orders/create", order);
  expect(await at.facts()).toEqual(["Order Completed", "customer"]);
  await at.shopify("orders/cancelled", cancelled);
  const contact = await at.contact();
  expect(contact).toMatchObject({ orders: 0, revenue: { EUR: 0 } });
  for (const absent of ["customerAt", "lastOrderAt", "purchases"]) expect(contact).not.toHaveProperty(absent);
  expect([await at.facts(), await at.net()]).toEqual([["Order Cancelled", "Order Completed"], 0]);
  await at.shopify("orders/create", { ...order, id: "77" });
  expect(await at.contact()).toMatchObject({
    orders: 1,
    customerAt: "2026-03-01T09:00:05.000Z",
    revenue: { EUR: 2000 },
  });
});
