import { noEntryKey } from "./entry-key.ts";
import type { EventFact } from "./event-match.ts";
import type { Run } from "./run.ts";

/**
 * What a journey's mail merges: `event` (the trigger's name and properties), `cart` (the cart or checkout that the run is
 * about, as the trigger told of it) and `order` (when an order started the run). What is not there is left out.
 */
export function mailDataOf(
  run: Run,
  trigger: Pick<EventFact, "name" | "properties"> | undefined,
): Record<string, unknown> {
  if (trigger === undefined) return {};
  const { name, properties } = trigger;
  const aboutOrder = name.startsWith("Order ");
  const aboutCart = !aboutOrder && (Array.isArray(properties.products) || "cartId" in properties);
  return {
    event: { name, ...properties },
    ...(aboutOrder && { order: properties }),
    ...(aboutCart && { cart: { ...properties, ...(run.entryKey !== noEntryKey && { id: run.entryKey }) } }),
  };
}
