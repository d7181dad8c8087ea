import { beforeEach, describe, expect, test } from "vitest";
import { appendStage, foldStage, resolveStage } from "../../../shared/contacts/contact-stages.ts";
import type { Intake } from "../../../shared/intake/intake.ts";
import type { Stage } from "../../../shared/stream/stage.ts";
import type { Table } from "../../../shared/table/client.ts";
import { engine } from "../../support/engine.ts";
import { runAll, settle } from "../../support/settle.ts";
import { stageRules } from "../../support/stage-rules.ts";
import { createTestTable } from "../../support/table.ts";
import { itemsOf } from "../../support/table-contents.ts";
import { orderIntake, putIntake } from "./intakes.ts";

const now = () => new Date("2026-01-05T10:00:00.000Z");
let table: Table;
let stages: readonly Stage[];
beforeEach(async () => {
  table = await createTestTable(engine.url);
  let ids = 0;
  stages = [
    resolveStage({ table, newId: () => `c${++ids}` }),
    appendStage({ table, now }),
    foldStage({ table, rules: stageRules }),
  ];
});

interface Told {
  readonly orderId?: string;
  readonly source?: string;
  readonly email?: string;
  readonly at?: string;
  readonly amount?: number;
  readonly test?: true;
}

/** What a shop says of order 1001, in a message of its own. */
function told(messageId: string, change: Told = {}): Intake {
  const { orderId = "1001", source = "shop", email = "ada@example.com", at, amount = 4_999, test } = change;
  const intake = orderIntake({ intakeId: messageId, email, ...(at !== undefined && { at }) });
  if (intake.type !== "track") throw new Error("not an order");
  const revenue = { amount, currency: "EUR" };
  const properties = { ...intake.payload.properties, orderId, revenue, ...(test && { test }) };
  return { ...intake, payload: { ...intake.payload, source, properties } };
}

async function ordersAfter(...intakes: readonly Intake[]): Promise<number> {
  for (const intake of intakes) await putIntake(table, intake);
  await settle({ table, stages });
  const events = await itemsOf(table, "event");
  const counted = (await itemsOf(table, "contact")).reduce((sum, { orders }) => sum + Number(orders), 0);
  expect(events.filter(({ properties }) => !JSON.stringify(properties).includes('"test"'))).toHaveLength(counted);
  return counted;
}

describe("an order that a shop tells twice, in two messages, counts once", () => {
  test.each<[string, Told]>([
    ["as it was", {}],
    ["with another time", { at: "2026-01-06T10:00:00.000Z" }],
    ["with another amount", { amount: 1 }],
    ["with another address", { email: "other@example.com" }],
  ])("%s", async (_, change) => {
    expect(await ordersAfter(told("m1"), told("m2", change))).toBe(1);
  });

  test("told at the same time and delivered again", async () => {
    const intakes = ["m1", "m2", "m3"].map((id, at) => ({
      ...told(id, { at: `2026-01-0${at + 1}T00:00:00.000Z` }),
      contactId: "c1",
    }));
    for (const intake of intakes) await putIntake(table, intake);
    for (const _ of [1, 2]) await Promise.all(intakes.map((item) => runAll(stages, { item, previous: undefined })));
    await settle({ table, stages });
    expect(await itemsOf(table, "event")).toHaveLength(1);
    expect(await itemsOf(table, "contact")).toMatchObject([{ orders: 1, revenue: { EUR: 4_999 } }]);
  });
});

describe("two orders count twice", () => {
  test.each<[string, Told]>([
    ["of two shops with the same number", { source: "other shop" }],
    ["of one shop", { orderId: "1002" }],
  ])("%s", async (_, change) => {
    expect(await ordersAfter(told("m1"), told("m2", change))).toBe(2);
  });

  test("a test order does not take a real one's place", async () => {
    expect(await ordersAfter(told("m1", { test: true }), told("m2"))).toBe(1);
  });
});

test("amounts beyond what a number holds exactly do not stop a profile", async () => {
  const many = Array.from({ length: 12 }, (_, n) => told(`m${n}`, { orderId: `o${n}`, amount: 1e15 }));
  expect(await ordersAfter(...many)).toBe(12);
  expect(await itemsOf(table, "contact")).toMatchObject([{ revenue: { EUR: Number.MAX_SAFE_INTEGER } }]);
});
