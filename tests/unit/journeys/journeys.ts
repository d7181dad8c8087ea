import { type Journey, type JourneyInput, journeyDefinitionSchema } from "../../../shared/journeys/definition.ts";
import type { EventFact } from "../../../shared/journeys/event-match.ts";
import type { Facts } from "../../../shared/journeys/facts.ts";

export const start = "2026-01-05T10:00:00.000Z";

export function at(milliseconds: number): string {
  return new Date(Date.parse(start) + milliseconds).toISOString();
}

export const hours = (count: number): number => count * 3_600_000;

/** A journey on "Checkout Started" about a cart, unless the change says otherwise. */
export function journeyOf(change: Partial<JourneyInput>, version = 1): Journey {
  const input: JourneyInput = {
    name: "Test",
    trigger: { event: "Checkout Started", entryKey: ["properties.cartId"] },
    start: "end",
    steps: [{ type: "end", id: "end" }],
    ...change,
  };
  return { ...journeyDefinitionSchema.parse(input), id: "test", version };
}

export function eventOf(name: string, occurredAt: string, properties: Record<string, unknown> = {}): EventFact {
  return { eventId: `${name}@${occurredAt}`, name, occurredAt, properties };
}

export const trigger = eventOf("Checkout Started", start, { cartId: "cart-1" });

export function factsOf(change: Partial<Facts> = {}): Facts {
  return { contactId: "c1", event: trigger, events: [], contact: {}, timeZone: "Europe/Berlin", ...change };
}
