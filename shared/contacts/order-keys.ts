import type { TrackPayload } from "../intake/intake.ts";
import { digestOf } from "../table/hash.ts";
import type { Key } from "../table/item.ts";

/** What makes an order one order: its shop and its number there. A shop's tests take no real order's place. */
export function orderOrigin({ source, properties }: Pick<TrackPayload, "source" | "properties">): readonly string[] {
  return [properties.test ? "test order" : "order", source, properties.orderId];
}

/** The key under which an order is taken, once and for ever. */
export function orderKey(origin: readonly string[]): Key {
  return { pk: `ORDER#${digestOf(origin)}`, sk: "ORDER" };
}
