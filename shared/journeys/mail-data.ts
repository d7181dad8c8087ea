import { markOf } from "../contacts/folded-events.ts";
import { isCartEvent } from "../events/commerce.ts";
import { noEntryKey } from "./entry-key.ts";
import type { EventFact } from "./event-match.ts";
import type { Run } from "./run.ts";

/**
 * What a journey's mail merges: `event` (the trigger's name and properties), `cart` (the cart or checkout that the run is
 * about, as the trigger told of it, with the trigger's mark) and `order` (when an order started the run). What is not there
 * is left out.
 */
export function mailDataOf(run: Run, trigger: EventFact | undefined): Record<string, unknown> {
  if (trigger === undefined) return {};
  const { name, properties } = trigger;
  const aboutOrder = name.startsWith("Order ");
  const aboutCart = !aboutOrder && (isCartEvent(name) || Array.isArray(properties.products) || "cartId" in properties);
  return {
    event: { name, ...properties },
    ...(aboutOrder && { order: properties }),
    ...(aboutCart && {
      cart: { ...properties, ...aboutOf(run), ...(isCartEvent(name) && { mark: markOf(trigger) }) },
    }),
  };
}

function aboutOf({ entryKey }: Run): { readonly id?: string } {
  return entryKey === noEntryKey ? {} : { id: entryKey };
}
