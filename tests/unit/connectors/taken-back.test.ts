import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { appendStage, foldStage, resolveStage } from "../../../shared/contacts/contact-stages.ts";
import { joinStage, releaseStages, waitingStage } from "../../../shared/contacts/join-stages.ts";
import { eventEntryStage } from "../../../shared/kpis/kpi-stages.ts";
import type { Stage } from "../../../shared/stream/stage.ts";
import type { Table } from "../../../shared/table/client.ts";
import type { Item } from "../../../shared/table/item.ts";
import { engine } from "../../support/engine.ts";
import { settle } from "../../support/settle.ts";
import { stageRules } from "../../support/stage-rules.ts";
import { createTestTable } from "../../support/table.ts";
import { contentsOf, itemsOf } from "../../support/table-contents.ts";
import { openWebhookDoor } from "./door.ts";
import { line, order, refund, wire } from "./fixtures/shopify.ts";
import { basil, charge, events } from "./fixtures/stripe.ts";

let table: Table;
let door: Awaited<ReturnType<typeof openWebhookDoor>>;
let stages: readonly Stage[];
let known: Map<string, Item>;
beforeEach(async () => open());

async function open(): Promise<void> {
  table = await createTestTable(engine.url);
  door = await openWebhookDoor(table);
  const now = () => door.clock.now;
  let ids = 0;
  const deps = { table, now };
  stages = [
    resolveStage({ table, newId: () => `c${++ids}` }),
    appendStage(deps),
    joinStage(deps),
    waitingStage(deps),
    ...releaseStages(deps),
    foldStage({ table, rules: stageRules }),
    eventEntryStage({ table }),
  ];
  known = new Map();
}

async function hear(): Promise<void> {
  await settle({ table, stages, known });
  known = await contentsOf(table);
}

const fullRefund = { ...events.refund, data: { object: { ...charge, amount_refunded: 3400 } } };

async function stripe(...told: readonly object[]): Promise<void> {
  for (const event of told) {
    expect(await door.stripe(event)).toMatchObject({ status: 200 });
    await hear();
  }
}

const contact = async () => (await itemsOf(table, "contact"))[0];
const namesOf = async () => (await itemsOf(table, "event")).map(({ name }) => String(name)).sort();
async function netByKpis(): Promise<number> {
  const entries = await itemsOf(table, "kpiEntry");
  return entries
    .filter(({ withdrawn }) => withdrawn !== true)
    .map(({ fact, properties }) => [fact, Number(Reflect.get(Object(properties), "amount"))] as const)
    .reduce((sum, [fact, amount]) => sum + (fact === "Order Completed" ? amount : -amount), 0);
}

describe("of a refund by Stripe, the order's own share of the sum is taken back", () => {
  it.each([
    ["after its order", [events.session, fullRefund]],
    ["before its order", [fullRefund, events.session]],
  ])("%s", async (_, told) => {
    await stripe(...told);
    expect(await contact()).toMatchObject({ ordered: { USD: 2900 }, refunded: { USD: 2900 }, revenue: { USD: 0 } });
    expect(await netByKpis()).toBe(0);
  });

  it("and of parts no more than the order brought, while other orders keep theirs", async () => {
    const other = { ...events.session.data.object, id: "cs_2", payment_intent: "pi_9" };
    const part = (id: string, from: number, to: number) => ({
      ...events.refund,
      id,
      data: { object: { ...charge, amount_refunded: to }, previous_attributes: { amount_refunded: from } },
    });
    await stripe(events.session, { ...events.session, id: "evt_2", data: { object: other } });
    await stripe(part("evt_r1", 0, 1700), part("evt_r2", 1700, 3400), part("evt_r2", 1700, 3400));
    expect(await contact()).toMatchObject({ orders: 2, refunded: { USD: 2900 }, revenue: { USD: 2900 } });
    await stripe(part("evt_r3", 0, 3400));
    expect(await contact()).toMatchObject({ revenue: { USD: 2900 } });
    expect(await netByKpis()).toBe(2900);
  });
});

describe("an invoice of a newer API version and its payment are one order", () => {
  it("whose refund takes back what the invoice brought, in whatever order they are told", async () => {
    const all = [basil.invoice, basil.invoicePayment, basil.refund, basil.namedPayment];
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(all, { minLength: all.length }), async (told) => {
        await open();
        await stripe(...told);
        expect(await contact()).toMatchObject({ orders: 1, ordered: { EUR: 1000 }, revenue: { EUR: 0 } });
        expect(await netByKpis()).toBe(0);
      }),
      { numRuns: 6 },
    );
  });

  it.each([
    ["that is told first and does not name it", [basil.payment, basil.invoice, basil.invoicePayment]],
    ["that is told last and does not name it", [basil.invoicePayment, basil.invoice, basil.payment]],
  ])("counts the payment %s once", async (_, told) => {
    await stripe(...told, ...told);
    expect(await contact()).toMatchObject({ revenue: { EUR: 1000 } });
    expect(await netByKpis()).toBe(1000);
    await stripe(basil.refund);
    expect(await contact()).toMatchObject({ revenue: { EUR: 0 } });
    expect(await netByKpis()).toBe(0);
  });
});

it("a refund by Shopify of more than the order was counted with leaves other orders their revenue", async () => {
  const post = async (topic: string, body: object, id: string) => {
    await door.shopify(topic, wire(body), id);
    await hear();
  };
  await post("orders/create", order, "1");
  await post("orders/create", { ...order, id: "77" }, "2");
  const [bought] = refund.refund_line_items;
  const back = { kind: "refund", status: "success", amount: "50.00" };
  const lines = [{ ...bought, subtotal: "50.00", total_tax: "0.00", line_item: line }];
  await post("refunds/create", { ...refund, refund_line_items: lines, transactions: [back] }, "3");
  expect(await contact()).toMatchObject({ ordered: { EUR: 4000 }, refunded: { EUR: 2000 }, revenue: { EUR: 2000 } });
  expect(await netByKpis()).toBe(2000);
  expect(await namesOf()).toEqual(["Order Completed", "Order Completed", "Order Refunded"]);
});
