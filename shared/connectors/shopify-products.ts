import * as z from "zod/mini";
import { idSchema, type Mapped, textSchema } from "./connector.ts";
import { instantOf } from "./instant.ts";
import { categoriesOf } from "./product.ts";

const productSchema = z.looseObject({
  id: idSchema,
  vendor: textSchema,
  product_type: textSchema,
  /** With commas between them. */
  tags: textSchema,
  updated_at: textSchema,
});

/** A product: its orders name the vendor alone. */
export function mapProduct(body: unknown): Mapped | undefined {
  const { id, vendor, product_type, tags = "", updated_at } = productSchema.parse(body);
  if (id === undefined) return undefined;
  const categories = categoriesOf([product_type, ...tags.split(",")]);
  return { calls: [], products: [{ productId: id, brand: vendor, categories, changedAt: instantOf(updated_at) }] };
}
