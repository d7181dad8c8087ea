import { beforeEach, describe, expect, it } from "vitest";
import { createEvent, type Event } from "../../../shared/events/event.ts";
import { putEvent } from "../../../shared/events/event-store.ts";
import { basketOf } from "../../../shared/recommendations/basket.ts";
import { basketStage, monthsOf } from "../../../shared/recommendations/basket-store.ts";
import { recommendFrom } from "../../../shared/recommendations/recommend-store.ts";
import { recountBoughtTogether } from "../../../shared/recommendations/recommendation-store.ts";
import type { Table } from "../../../shared/table/client.ts";
import { itemSchema } from "../../../shared/table/item.ts";
import { engine } from "../../support/engine.ts";
import { settle } from "../../support/settle.ts";
import { createTestTable } from "../../support/table.ts";
import { itemsOf } from "../../support/table-contents.ts";

const now = new Date("2026-11-20T09:00:00.000Z");
let table: Table;
beforeEach(async () => {
  table = await createTestTable(engine.url);
});

function order(contactId: string, number: number, products: string, more: Record<string, unknown> = {}): Event {
  const occurredAt = `2026-${String(1 + (number % 11)).padStart(2, "0")}-15T10:00:00.000Z`;
  const lines = products.split(" ").map((productId) => ({ productId, name: `The ${productId}`, quantity: 1 }));
  const properties = {
    orderId: String(number),
    revenue: { amount: 1000, currency: "USD" },
    products: lines,
    ...more,
  };
  const name = "Order Completed";
  return createEvent({
    contactId,
    origin: ["order", "shop", String(number)],
    name,
    occurredAt,
    receivedAt: occurredAt,
    source: "shop",
    properties,
  });
}

async function happen(events: readonly Event[]): Promise<void> {
  for (const event of events) await putEvent(table, event);
  await settle({ table, stages: [basketStage({ table })] });
}

const someOrders = () => [
  ...[1, 2, 3, 4].map((number) => order(`buyer-${number}`, number, "tea pot")),
  ...[5, 6, 7].map((number) => order(`buyer-${number}`, number, "tea cup")),
  ...[8, 9, 10, 11].map((number) => order(`buyer-${number}`, number, "mug")),
];
const about = (products: string) => ({ order: { products: products.split(" ").map((productId) => ({ productId })) } });

describe("recommendations", () => {
  it("go with an order or a cart, without what the contact has", async () => {
    await happen(someOrders());
    expect(await recountBoughtTogether(table, now)).toEqual({ baskets: 11, lists: 4, changed: 4 });
    const recommend = recommendFrom(table);
    const idsFor = async (contactId: string, data: Record<string, unknown>) =>
      (await recommend(contactId, data)).map(({ productId }) => productId);
    expect(await idsFor("someone", about("tea"))).toEqual(["pot", "cup"]);
    expect(await idsFor("someone", { cart: { lines: [{ productId: "pot" }] } })).toEqual(["tea"]);
    expect(await idsFor("buyer-1", about("tea"))).toEqual(["cup"]);
    expect(await idsFor("someone", about("mug"))).toEqual([]);
    expect(await idsFor("someone", { order: { orderId: "7" } })).toEqual([]);
    // about nothing: what is bought most
    expect(await idsFor("someone", {})).toEqual(["tea", "mug", "pot", "cup"]);
    expect(await idsFor("buyer-8", { order: "nonsense" })).toEqual(["tea", "pot", "cup"]);
  });

  it("are written only where they changed, and go when no order tells of them any more", async () => {
    await happen(someOrders());
    await recountBoughtTogether(table, now);
    expect(await recountBoughtTogether(table, now)).toMatchObject({ changed: 0 });
    expect(await recountBoughtTogether(table, new Date("2028-11-20T00:00:00.000Z"))).toEqual({
      baskets: 0,
      lists: 0,
      changed: 4,
    });
    expect(await recommendFrom(table)("someone", {})).toEqual([]);
  });

  it("count an order once, and tell nobody's name", async () => {
    const event = order("buyer-1", 1, "tea pot tea");
    await happen([event]);
    const stage = basketStage({ table });
    const item = itemSchema.parse(event);
    await stage.run({ item, previous: undefined });
    const baskets = await itemsOf(table, "basket");
    expect(baskets).toHaveLength(1);
    expect(JSON.stringify(baskets)).not.toMatch(/buyer-1|shop/);
    expect(baskets[0]?.products).toHaveLength(2);
  });
});

describe("a basket", () => {
  it.each([
    ["a test order", { test: true }],
    ["lines without a number", { products: [{ name: "Tea", quantity: 1 }] }],
    ["no lines", { products: [] }],
    ["an order that we cannot read", { products: "many" }],
  ])("is not made of %s", (_, more) => {
    expect(basketOf(order("c", 1, "tea", more))).toBeUndefined();
  });

  it("has thirty products at most", () => {
    const many = Array.from({ length: 50 }, (_, index) => `p${index}`).join(" ");
    expect(basketOf(order("c", 1, many))?.products).toHaveLength(30);
  });

  it("is looked for month by month", () => {
    expect(monthsOf(new Date("2025-11-30T23:00:00.000Z"), new Date("2026-02-01T00:00:00.000Z"))).toEqual([
      "2025-11",
      "2025-12",
      "2026-01",
      "2026-02",
    ]);
  });
});
