import * as z from "zod/mini";
import { type Event, eventNameSchema } from "../events/event.ts";
import type { Contact } from "./contact.ts";
import { contactFields } from "./profile-schema.ts";

const instant = z.iso.datetime();

/** What staff see of a contact: not how its profile is kept. */
export const contactViewSchema = z.object({
  id: z.string(),
  email: z.nullable(z.string()),
  fields: z.partialRecord(z.enum(contactFields), z.string()),
  lead: z.nullable(z.object({ at: instant, form: z.nullable(z.string()), source: z.nullable(z.string()) })),
  customerAt: z.nullable(instant),
  orders: z.number(),
  /** Net revenue by currency, in minor units. */
  revenue: z.array(z.object({ amount: z.number(), currency: z.string() })),
  lastOrderAt: z.nullable(instant),
  engagement: z.object({
    opens: z.number(),
    clicks: z.number(),
    lastOpenAt: z.nullable(instant),
    lastClickAt: z.nullable(instant),
  }),
  lastActivityAt: z.nullable(instant),
  createdAt: instant,
  version: z.number(),
});
export type ContactView = z.infer<typeof contactViewSchema>;

/** What staff see of an event. */
export const eventViewSchema = z.object({
  id: z.string(),
  name: eventNameSchema,
  occurredAt: instant,
  receivedAt: instant,
  source: z.string(),
  properties: z.record(z.string(), z.unknown()),
});

export function viewOfContact(contact: Contact): ContactView {
  const { leadAt, leadForm, leadSource, engagement } = contact;
  return {
    id: contact.contactId,
    email: contact.email?.value ?? null,
    fields: Object.fromEntries(Object.entries(contact.fields).map(([name, { value }]) => [name, value])),
    lead: leadAt === undefined ? null : { at: leadAt, form: leadForm ?? null, source: leadSource ?? null },
    customerAt: contact.customerAt ?? null,
    orders: contact.orders,
    revenue: Object.entries(contact.revenue)
      .map(([currency, amount]) => ({ amount, currency }))
      .sort((a, b) => a.currency.localeCompare(b.currency)),
    lastOrderAt: contact.lastOrderAt ?? null,
    engagement: {
      opens: engagement.opens,
      clicks: engagement.clicks,
      lastOpenAt: engagement.lastOpenAt ?? null,
      lastClickAt: engagement.lastClickAt ?? null,
    },
    lastActivityAt: contact.lastActivityAt ?? null,
    createdAt: contact.createdAt,
    version: contact.version,
  };
}

export function viewOfEvent({ eventId, name, occurredAt, receivedAt, source, properties }: Event) {
  return { id: eventId, name, occurredAt, receivedAt, source, properties };
}
