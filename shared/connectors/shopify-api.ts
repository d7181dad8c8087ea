import * as z from "zod/mini";
import { idSchema } from "./connector.ts";
import type { OrderApi } from "./order-api.ts";
import { mapOrderHistory } from "./shopify-orders.ts";

/** The version whose bodies `shopify-schemas.ts` reads. */
export const shopifyApiPath = "/admin/api/2026-04";

const pageSize = 100;
const answerSchema = z.object({ orders: z.array(z.looseObject({ id: idSchema })) });

/**
 * Shopify's Admin API: https://shopify.dev/docs/api/admin-rest/latest/resources/order. An order there is word for word
 * what the webhooks send. Pages are asked for by the last id, which never expires; cursors do.
 */
export const shopifyApi: OrderApi = {
  addressHint: "https://<name>.myshopify.com",
  isHost: (host) => /^[a-z0-9][a-z0-9-]*\.myshopify\.com$/.test(host),
  keyHint: "an Admin API access token (shpat_…)",
  isKey: (key) => /^shp[a-z]{2}_[A-Za-z0-9]{8,}$/.test(key),
  headers: (key) => ({ "x-shopify-access-token": key }),

  pagePath({ from, changedFrom, until }, after = "0") {
    const query = new URLSearchParams({ status: "any", limit: String(pageSize), since_id: after });
    if (from !== undefined) query.set("created_at_min", from);
    if (changedFrom !== undefined) query.set("updated_at_min", changedFrom);
    if (until !== undefined) query.set("created_at_max", until);
    return `${shopifyApiPath}/orders.json?${query}`;
  },

  readPage(answer, after = "0") {
    const orders = answerSchema
      .parse(answer)
      .orders.flatMap((body) => (body.id === undefined ? [] : [{ id: body.id, body }]));
    const fresh = orders.filter(({ id }) => BigInt(id) > BigInt(after));
    if (orders.length > 0 && fresh.length === 0) throw new RangeError("the shop tells the same page again and again");
    const ids = fresh.map(({ id }) => BigInt(id));
    // Only an empty page is surely the last one.
    const last = ids.reduce<bigint | undefined>((most, id) => (most === undefined || id > most ? id : most), undefined);
    return { orders: fresh, next: last?.toString() };
  },

  map: mapOrderHistory,
};
