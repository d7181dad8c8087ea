import * as z from "zod/mini";
import { digestOf } from "../table/hash.ts";
import { type Key, keySchema } from "../table/item.ts";

/** What a shop says of a product and its orders do not. */
const aboutSchema = z.object({
  brand: z.optional(z.string()),
  /** What kinds of goods it belongs to: the shop's type or categories, then its tags. */
  categories: z.optional(z.array(z.string())),
});

export interface ProductFact extends z.infer<typeof aboutSchema> {
  readonly productId: string;
  /** When that was so, ISO 8601; without it: when it was received. */
  readonly changedAt?: string | undefined;
}

/** A product of a shop's catalogue, under the instant of its last change in milliseconds. */
export const productItemSchema = z.extend(keySchema, {
  ...aboutSchema.shape,
  kind: z.literal("product"),
  version: z.number(),
});
export type ProductItem = z.infer<typeof productItemSchema>;

export function productKey(source: string, productId: string): Key {
  return { pk: `PRODUCT#${digestOf([source, productId])}`, sk: "PRODUCT" };
}

const mostCategories = 20;
const longestName = 100;

/** Names of what a product belongs to, each once, as many as are kept. */
export function categoriesOf(names: readonly (string | undefined)[]): string[] | undefined {
  const kept = names.flatMap((name) => name?.trim().slice(0, longestName) || []);
  return kept.length === 0 ? undefined : [...new Set(kept)].slice(0, mostCategories);
}
