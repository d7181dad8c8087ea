import * as z from "zod/mini";
import type { Table } from "../table/client.ts";
import { type BasketProduct, productKeyOf } from "./basket.ts";
import { recommended } from "./bought-together.ts";
import { readOwned, readPartners } from "./recommendation-store.ts";

/** Finds what to recommend to a contact, by what a mail is about. */
export type Recommend = (
  contactId: string,
  data: Readonly<Record<string, unknown>>,
) => Promise<readonly BasketProduct[]>;

const key = z.optional(z.catch(z.optional(z.string()), undefined));
const lines = z.catch(z.array(z.object({ productId: key, sku: key })), []);
const goods = z.catch(z.optional(z.object({ products: z.optional(lines), lines: z.optional(lines) })), undefined);
const aboutSchema = z.object({ order: goods, cart: goods });

/**
 * Recommends what is bought together with the mail's order or cart, else what is bought most; never what the contact has
 * in hand or ordered lately.
 */
export function recommendFrom(table: Table): Recommend {
  return async (contactId, data) => {
    const { order, cart } = aboutSchema.parse(data);
    const about = order ?? cart;
    const inHand = (about?.products ?? about?.lines ?? []).flatMap((line) => productKeyOf(line) ?? []);
    // who is told what others bought with something is not told what is merely bought most
    if (about !== undefined && inHand.length === 0) return [];
    const lists = await readPartners(table, inHand);
    if (lists.every((list) => list.length === 0)) return [];
    const owned = await readOwned(table, contactId);
    return recommended(lists, new Set([...owned, ...inHand]));
  };
}
