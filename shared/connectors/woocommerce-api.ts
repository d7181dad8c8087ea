import * as z from "zod/mini";
import { idSchema } from "./connector.ts";
import type { OrderApi } from "./order-api.ts";
import { mapOrder } from "./woocommerce-orders.ts";

const pageSize = 100;
/** Orders that are asked for twice: one that is deleted meanwhile moves all later ones a place ahead. */
const overlap = 10;

/** How far we are: orders counted from the oldest, and the last one's id. */
const placePattern = /^(\d{1,15})-(\d{1,20})$/;

function placeOf(after: string | undefined): { readonly count: number; readonly id: bigint } {
  const [, count = "0", id = "0"] = placePattern.exec(after ?? "") ?? [];
  return { count: Number(count), id: BigInt(id) };
}

const offsetOf = (count: number): number => Math.max(0, count - overlap);

/** WooCommerce's REST API: https://woocommerce.github.io/woocommerce-rest-api-docs/#list-all-orders */
export const woocommerceApi: OrderApi = {
  addressHint: "https://<the shop's address>",
  isHost: (host) => host.includes("."),
  keyHint: "consumer key and secret with a colon between them (ck_…:cs_…)",
  isKey: (key) => /^ck_[A-Za-z0-9]{8,}:cs_[A-Za-z0-9]{8,}$/.test(key),
  headers: (key) => ({ authorization: `Basic ${Buffer.from(key).toString("base64")}` }),

  pagePath({ from, changedFrom, until }, after) {
    const offset = String(offsetOf(placeOf(after).count));
    const query = new URLSearchParams({ orderby: "id", order: "asc", per_page: String(pageSize), offset });
    // `after` excludes the instant itself, and WooCommerce knows whole seconds.
    if (from !== undefined) query.set("after", secondsOf(from, -1));
    if (changedFrom !== undefined) query.set("modified_after", secondsOf(changedFrom, -1));
    if (until !== undefined) query.set("before", secondsOf(until, 0));
    if ((from ?? changedFrom ?? until) !== undefined) query.set("dates_are_gmt", "true");
    return `/wp-json/wc/v3/orders?${query}`;
  },

  readPage(answer, after) {
    const place = placeOf(after);
    const orders = z
      .array(z.looseObject({ id: idSchema }))
      .parse(answer)
      .flatMap((body) => (body.id === undefined ? [] : [{ id: body.id, body }]));
    const ids = orders.map(({ id }) => BigInt(id));
    const offset = offsetOf(place.count);
    // Nothing that we know stands here any more: more was deleted than the overlap bridges. Step back, lose nothing.
    if (offset > 0 && ids.every((id) => id > place.id)) {
      return { orders: [], next: `${Math.max(0, offset - pageSize)}-${place.id}` };
    }
    const fresh = orders.filter((_, at) => (ids[at] ?? 0n) > place.id);
    const last = ids.reduce((most, id) => (id > most ? id : most), place.id);
    const read = offset + orders.length;
    if (fresh.length === 0 && orders.length >= pageSize) return { orders: [], next: `${read}-${last}` };
    return { orders: fresh, next: fresh.length === 0 ? undefined : `${read}-${last}` };
  },

  map: mapOrder,
};

function secondsOf(instant: string, more: number): string {
  return new Date(Date.parse(instant) + more * 1000).toISOString().slice(0, 19);
}
