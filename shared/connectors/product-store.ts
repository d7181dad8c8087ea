import type { Product } from "../events/commerce.ts";
import { batchGet } from "../table/batch-get.ts";
import type { Table } from "../table/client.ts";
import { putNewer } from "../table/put-newer.ts";
import { type ProductFact, type ProductItem, productItemSchema, productKey } from "./product.ts";

/** Keeps what a shop says of its products; what was said earlier and comes later changes nothing. */
export async function storeProducts(
  table: Table,
  source: string,
  products: readonly ProductFact[],
  now: Date,
): Promise<void> {
  for (const { productId, brand, categories, changedAt } of products) {
    const version = changedAt === undefined ? now.getTime() : Date.parse(changedAt);
    const item: ProductItem = { ...productKey(source, productId), kind: "product", brand, categories, version };
    await putNewer(table, item);
  }
}

/** The lines of an order with what the shop's catalogue says of their products beside. What a line says itself stands. */
export async function withCatalogue(
  table: Table,
  source: string,
  lines: readonly Product[],
): Promise<readonly Product[]> {
  const ids = new Set(lines.filter(lacks).flatMap(({ productId }) => productId ?? []));
  if (ids.size === 0) return lines;
  const items = await batchGet(
    table,
    [...ids].map((id) => productKey(source, id)),
  );
  const known = new Map(items.map((item) => [item.pk, productItemSchema.parse(item)]));
  return lines.map((line) => {
    const about = line.productId === undefined ? undefined : known.get(productKey(source, line.productId).pk);
    if (about === undefined || !lacks(line)) return line;
    const { brand, categories } = about;
    return { ...line, brand: line.brand ?? brand, category: line.category ?? categories?.[0], categories };
  });
}

function lacks({ brand, category, categories }: Product): boolean {
  return categories === undefined && (brand === undefined || category === undefined);
}
