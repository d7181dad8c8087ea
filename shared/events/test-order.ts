import type { Event } from "./event.ts";

/** Whether a shop tells of an order by which it tries itself out: such an order never counts, whatever becomes of it. */
export function isTestOrder({ name, properties }: Pick<Event, "name" | "properties">): boolean {
  return name.startsWith("Order ") && properties.test === true;
}
