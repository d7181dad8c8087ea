import * as z from "zod/mini";
import { predictionSchema } from "../customers/prediction.ts";
import { type Event, eventNameSchema } from "../events/event.ts";
import type { StageEntry } from "../funnel/lifecycle.ts";
import { lifecycleStages } from "../funnel/stages.ts";
import { type Money, moneySchema } from "../intake/money.ts";
import type { Cart } from "./cart.ts";
import type { Contact } from "./contact.ts";
import { contactFields, traitValueSchema } from "./profile-schema.ts";

const instant = z.iso.datetime();

/** What staff see of a contact: not how its profile is kept. */
export const contactViewSchema = z.object({
  id: z.string(),
  email: z.nullable(z.string()),
  fields: z.partialRecord(z.enum(contactFields), z.string()),
  traits: z.record(z.string(), traitValueSchema),
  tags: z.array(z.string()),
  lead: z.nullable(z.object({ at: instant, form: z.nullable(z.string()), source: z.nullable(z.string()) })),
  customerAt: z.nullable(instant),
  orders: z.number(),
  /** Net revenue by currency (less what was refunded), in minor units. */
  revenue: z.array(moneySchema),
  refunded: z.array(moneySchema),
  lastOrderAt: z.nullable(instant),
  /** Open carts, the one with the newest activity first. */
  carts: z.array(
    z.object({
      id: z.string(),
      at: instant,
      checkoutAt: z.nullable(instant),
      value: z.nullable(moneySchema),
      url: z.nullable(z.string()),
      lines: z.array(
        z.object({
          product: z.string(),
          name: z.nullable(z.string()),
          quantity: z.number(),
          price: z.nullable(moneySchema),
        }),
      ),
    }),
  ),
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

const stage = z.enum(lifecycleStages);

/** What staff see of one contact: its other addresses, its stage, and what is to be expected of a customer, as well. */
export const contactDetailSchema = z.extend(contactViewSchema, {
  /** Addresses by which the contact is known beside the one that mail goes to. */
  otherEmails: z.array(z.string()),
  stage: z.nullable(
    z.object({
      stage,
      since: instant,
      /** The stages so far, each with the version of the rules by which it was entered. */
      entered: z.array(z.object({ stage, at: instant, rules: z.number() })),
    }),
  ),
  prediction: z.nullable(predictionSchema),
});

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
    fields: valuesOf(contact.fields),
    traits: valuesOf(contact.traits),
    tags: contact.tags,
    lead: leadAt === undefined ? null : { at: leadAt, form: leadForm ?? null, source: leadSource ?? null },
    customerAt: contact.customerAt ?? null,
    orders: contact.orders,
    revenue: amountsOf(contact.revenue),
    refunded: amountsOf(contact.refunded),
    lastOrderAt: contact.lastOrderAt ?? null,
    carts: Object.entries(contact.carts)
      .map(([cartId, cart]) => viewOfCart(cartId, cart))
      .sort((a, b) => b.at.localeCompare(a.at)),
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

/** The stage that a contact is in; null before the first. */
export function viewOfStages(entered: readonly StageEntry[]) {
  const last = entered.at(-1);
  return last === undefined ? null : { stage: last.stage, since: last.at, entered: [...entered] };
}

function valuesOf<Value>(dated: Readonly<Record<string, { readonly value: Value }>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(dated).map(([name, { value }]) => [name, value]));
}

function amountsOf(amounts: Readonly<Record<string, number>>): Money[] {
  return Object.entries(amounts)
    .map(([currency, amount]) => ({ amount, currency }))
    .sort((a, b) => a.currency.localeCompare(b.currency));
}

function viewOfCart(id: string, { at, checkoutAt, value, currency, url, lines = [] }: Cart) {
  const money = (amount: number | undefined) =>
    amount === undefined || currency === undefined ? null : { amount, currency };
  return {
    id,
    at,
    checkoutAt: checkoutAt ?? null,
    value: money(value),
    url: url ?? null,
    lines: lines.map(({ product, name, quantity, price }) => ({
      product,
      name: name ?? null,
      quantity,
      price: money(price),
    })),
  };
}

export function viewOfEvent({ eventId, name, occurredAt, receivedAt, source, properties }: Event) {
  return { id: eventId, name, occurredAt, receivedAt, source, properties };
}
