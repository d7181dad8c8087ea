import { beforeEach, expect, test } from "vitest";
import { appendStage, foldStage, resolveStage } from "../../../shared/contacts/contact-stages.ts";
import { joinStage, orderedCartStage, releaseStages, waitingStage } from "../../../shared/contacts/join-stages.ts";
import { unknownCartStage } from "../../../shared/contacts/unknown-cart-stage.ts";
import { unknownCartsOf } from "../../../shared/contacts/unknown-cart-store.ts";
import type { Stage } from "../../../shared/stream/stage.ts";
import type { Table } from "../../../shared/table/client.ts";
import { engine } from "../../support/engine.ts";
import { settle } from "../../support/settle.ts";
import { stageRules } from "../../support/stage-rules.ts";
import { createTestTable } from "../../support/table.ts";
import { callIntake, putIntake } from "./intakes.ts";

const now = new Date("2026-01-05T10:00:00.000Z");
const mug = { productId: "mug", name: "Mug", quantity: 1, price: { amount: 1_000, currency: "EUR" } };
let table: Table;
let stages: readonly Stage[];
beforeEach(async () => {
  table = await createTestTable(engine.url);
  let ids = 0;
  const deps = { table, rules: stageRules, newId: () => `c${++ids}`, now: () => now };
  stages = [resolveStage, appendStage, joinStage, unknownCartStage, waitingStage, foldStage, orderedCartStage].map(
    (stage) => stage(deps),
  );
  stages = [...stages, ...releaseStages(deps)];
});

const viewed = (
  intakeId: string,
  cartId: string,
  rest: { email?: string; at?: string } = {},
  products: unknown[] = [mug],
) => callIntake({ intakeId, event: "Cart Viewed", properties: { cartId, products }, ...rest });

const source = "shop";
const count = async (at = now) => (await unknownCartsOf(table, source, at)).count;

/** What happened, delivered in order and then all over again. */
async function happens(...intakes: Parameters<typeof putIntake>[1][]) {
  for (const intake of intakes) await putIntake(table, intake);
  await settle({ table, stages });
  await settle({ table, stages, deliver: (changes) => changes.toReversed() });
}

test("a cart of somebody unknown counts once, however often it changes, until it is too old", async () => {
  await happens(viewed("1", "first-cart"), viewed("2", "first-cart"), viewed("3", "second-cart"));
  expect(await count()).toBe(2);
  expect(await count(new Date("2026-02-05T10:00:00.000Z"))).toBe(0);
});

test("it counts no more once it is known whose it is, whoever says so", async () => {
  await happens(viewed("1", "first-cart"), viewed("2", "second-cart"));
  await happens(viewed("3", "first-cart", { email: "ada@example.com" }));
  expect(await count()).toBe(1);
});

test("an emptied one does not count", async () => {
  await happens(viewed("1", "first-cart"));
  await happens(viewed("2", "first-cart", { at: "2026-01-05T10:01:00.000Z" }, []));
  expect(await count()).toBe(0);
});

test("a cart of somebody known never counts", async () => {
  await happens(viewed("1", "first-cart", { email: "ada@example.com" }));
  expect(await count()).toBe(0);
});

test("a cart is counted by whatever it is told by: a visitor's product, a checkout alone, and both of its tokens as one", async () => {
  const [cartId, checkoutId] = ["first-cart", "its-checkout"];
  const added = (intakeId: string, tokens: object, more: object = {}) =>
    callIntake({ intakeId, event: "Product Added", properties: { ...tokens, product: mug }, ...more });
  const started = (intakeId: string, tokens: object, more: object = {}) =>
    callIntake({ intakeId, event: "Checkout Started", properties: { ...tokens, products: [mug] }, ...more });
  await happens(added("1", { cartId }, { anonymousId: "visitor" }));
  expect(await count()).toBe(1);
  await happens(added("2", {}, { anonymousId: "another-visitor" }), started("3", { checkoutId }));
  expect(await count()).toBe(3);
  await happens(started("4", { cartId, checkoutId }));
  expect(await count()).toBe(2);
  await happens(started("5", { checkoutId }, { email: "ada@example.com" }));
  expect(await count()).toBe(1);
});
