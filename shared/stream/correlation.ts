import type { Item } from "../table/item.ts";

/** The id under which the logs of what follows from one fact are found: the intake's, else the event's, else the item's own. */
export function correlationOf({ intakeId, eventId, correlationId, pk }: Item): string {
  for (const id of [intakeId, correlationId, eventId]) if (typeof id === "string") return id;
  return pk;
}
