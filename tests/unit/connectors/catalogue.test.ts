import { beforeEach, expect, it } from "vitest";
import { eventSchema } from "../../../shared/events/event.ts";
import { evaluate } from "../../../shared/segments/evaluate.ts";
import type { Table } from "../../../shared/table/client.ts";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";
import { itemsOf } from "../../support/table-contents.ts";
import { factsOf, rule } from "../segments/facts.ts";
import { line, order } from "./fixtures/shopify.ts";
import { order as wooOrder } from "./fixtures/woocommerce.ts";
import { openTimeline } from "./timeline.ts";

let table: Table;
let at: Awaited<ReturnType<typeof openTimeline>>;
beforeEach(async () => {
  table = await createTestTable(engine.url);
  at = await openTimeline(table);
});

const mugs = {
  id: line.product_id,
  vendor: "Harbour",
  product_type: "Mugs",
  tags: "spring",
  updated_at: "2026-02-01T10:00:00Z",
};

async function bought(...where: object[]): Promise<boolean> {
  const events = (await itemsOf(table, "event")).map((item) => eventSchema.parse(item));
  const condition = rule({ type: "event", name: "Order Completed", measure: "count", op: "gte", value: 1, where });
  return evaluate(condition, factsOf({}, { events }), at.door.clock.now).member;
}
const is = (name: string, value: string) => ({ property: `products.*.${name}`, op: "eq", value });

it("an order of a shop is one of a product of a brand, a category and a collection", async () => {
  await at.shopify("products/create", { ...mugs, product_type: "Cups", updated_at: "2026-01-01T10:00:00Z" });
  await at.shopify("products/update", mugs);
  await at.shopify("products/create", { ...mugs, product_type: "Old", updated_at: "2026-01-15T10:00:00Z" });
  await at.shopify("orders/create", order);
  expect(await bought(is("brand", "Harbour Pottery"), is("category", "Mugs"))).toBe(true);
  expect(await bought(is("categories.*", "spring"), is("categories.*", "Mugs"))).toBe(true);
  expect(await bought(is("category", "Cups"))).toBe(false);
  expect(await at.contact()).toMatchObject({ orders: 1, revenue: { EUR: 2000 } });
});

it("an order of products that no shop told of stands as it was told", async () => {
  await at.shopify("products/update", mugs);
  await at.woocommerce({
    ...wooOrder,
    line_items: wooOrder.line_items.map((each) => ({ ...each, product_id: line.product_id.slice(3) })),
  });
  expect(await at.contact()).toMatchObject({ orders: 1 });
  expect([await bought(is("name", "Hook")), await bought(is("category", "Mugs"))]).toEqual([true, false]);
});
