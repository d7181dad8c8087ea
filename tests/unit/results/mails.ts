import type { Campaign } from "../../../shared/email/campaign.ts";
import { createEvent, type Event } from "../../../shared/events/event.ts";

export const day = "2026-11-02";
export const at = (time: string): string => `${day}T${time}.000Z`;
export const campaign: Campaign = { type: "journey", id: "cart", version: 1, stepId: "first" };

export interface About {
  readonly contactId?: string | undefined;
  readonly messageKey?: string | undefined;
  readonly campaign?: Campaign | undefined;
  readonly requestedAt?: string | undefined;
  readonly [property: string]: unknown;
}

/** An event of a mail, asked for at ten unless it says otherwise. */
export function mailEvent(name: string, occurredAt: string, { contactId = "c1", ...about }: About = {}): Event {
  const properties = { messageKey: "m1", template: "cart-1@1", campaign, requestedAt: at("10:00:00"), ...about };
  return eventOf(name, occurredAt, properties, { contactId, source: "mail", origin: JSON.stringify(properties) });
}

export const clickAt = (occurredAt: string, about: About = {}) =>
  mailEvent("Email Link Clicked", occurredAt, { link: "https://shop.example/a", ...about });

/** An order of 50 dollars, or what an amount says was taken back of it. */
export function orderEvent(
  name: "Order Completed" | "Order Refunded" | "Order Cancelled",
  occurredAt: string,
  { amount = 5000, orderId = "o1", contactId = "c1", currency = "USD", ...more }: Record<string, unknown> = {},
): Event {
  const properties = { orderId, revenue: { amount, currency }, products: [], ...more };
  const origin = name === "Order Completed" ? ["order", "shop", String(orderId)] : [name, occurredAt, String(amount)];
  return createEvent({
    contactId: String(contactId),
    origin,
    name,
    occurredAt,
    receivedAt: occurredAt,
    source: "shop",
    properties,
  });
}

function eventOf(
  name: string,
  occurredAt: string,
  properties: Record<string, unknown>,
  { contactId, source, origin }: { readonly contactId: string; readonly source: string; readonly origin: string },
): Event {
  return createEvent({
    contactId,
    origin: [contactId, name, occurredAt, origin],
    name,
    occurredAt,
    receivedAt: occurredAt,
    source,
    properties,
  });
}
