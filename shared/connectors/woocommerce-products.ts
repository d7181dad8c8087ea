import * as z from "zod/mini";
import { idSchema, listOf, type Mapped, textSchema } from "./connector.ts";
import { utcOf } from "./instant.ts";
import { categoriesOf } from "./product.ts";
import { nameSchema } from "./woocommerce-people.ts";

const named = listOf(z.looseObject({ name: nameSchema }));
const productSchema = z.looseObject({
  id: idSchema,
  brands: named,
  categories: named,
  tags: named,
  date_modified_gmt: textSchema,
});

/** A product: its orders name neither brand nor category. */
export function mapProduct(body: unknown): Mapped | undefined {
  const { id, brands, categories, tags, date_modified_gmt } = productSchema.parse(body);
  if (id === undefined) return undefined;
  const names = categoriesOf([...categories, ...tags].map(({ name }) => name));
  const changedAt = utcOf(date_modified_gmt);
  return { calls: [], products: [{ productId: id, brand: brands[0]?.name, categories: names, changedAt }] };
}
