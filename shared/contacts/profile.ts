import * as z from "zod/mini";
import { contactOf, type Event, type EventName } from "../events/event.ts";
import { formPayloadSchema, orderSchema, type Page } from "../intake/intake.ts";
import { markOf, placeOf, remember } from "./folded-events.ts";

/** What we keep of a person beside the e-mail address. A form's other fields stay on the timeline. */
export const contactFields = [
  "firstName",
  "lastName",
  "name",
  "company",
  "jobTitle",
  "phone",
  "website",
  "city",
  "country",
] as const;
export type ContactField = (typeof contactFields)[number];

/** A longer value is cut, so that a profile stays within one write unit. */
const longestValue = 120;

const datedSchema = z.object({ value: z.string(), at: z.string() });
type Dated = z.infer<typeof datedSchema>;

/** An order's event says whose it is beside what was bought. */
const orderedSchema = z.extend(orderSchema, { email: z.string() });

/** A contact's current state, derived from its events alone. */
export const profileSchema = z.object({
  contactId: z.string(),
  /** The address as first given. Absent only while the event that brings it is on its way. */
  email: z.optional(datedSchema),
  /** Public input fills blanks: of several values the earliest stands. */
  fields: z.partialRecord(z.enum(contactFields), datedSchema),
  /** When the person first submitted a form; that form and where it was found. */
  leadAt: z.optional(z.string()),
  leadForm: z.optional(z.string()),
  leadSource: z.optional(z.string()),
  /** When the first order was paid. */
  customerAt: z.optional(z.string()),
  orders: z.number(),
  /** Net revenue in minor units by currency: amounts of different currencies are never added. */
  revenue: z.record(z.string(), z.number()),
  lastOrderAt: z.optional(z.string()),
  /** What mail software reported; machines open and follow links too. */
  engagement: z.object({
    opens: z.number(),
    clicks: z.number(),
    lastOpenAt: z.optional(z.string()),
    lastClickAt: z.optional(z.string()),
  }),
  /** The last submission or order. Mail engagement does not count: it may be a machine's. */
  lastActivityAt: z.optional(z.string()),
  createdAt: z.string(),
  ring: z.array(z.string()),
  floor: z.optional(z.string()),
});
export type Profile = z.infer<typeof profileSchema>;

type Rule = (profile: Profile, event: Event) => Partial<Profile>;

/** How each kind of event changes a profile. Every rule is commutative: events arrive in any order. */
const rules: Partial<Record<EventName, Rule>> = {
  "Form Submitted": afterSubmission,
  "Order Completed": afterOrder,
  "Email Opened": ({ engagement }, { occurredAt }) => ({
    engagement: { ...engagement, opens: engagement.opens + 1, lastOpenAt: later(engagement.lastOpenAt, occurredAt) },
  }),
  "Email Link Clicked": ({ engagement }, { occurredAt }) => ({
    engagement: {
      ...engagement,
      clicks: engagement.clicks + 1,
      lastClickAt: later(engagement.lastClickAt, occurredAt),
    },
  }),
};

/** Whether a profile says anything of such events. */
export function concernsProfile(name: EventName): boolean {
  return rules[name] !== undefined;
}

/** Whether the profile holds the event already, surely does not, or can only tell by reading the whole partition. */
export function position(profile: Profile | undefined, event: Event): "folded" | "below floor" | "new" {
  return placeOf(profile, markOf(event));
}

/**
 * The profile after an event. Commutative and idempotent.
 *
 * @throws RangeError for an event below the floor: refold the whole partition instead.
 */
export function fold(profile: Profile | undefined, event: Event): Profile {
  const place = position(profile, event);
  if (place === "below floor") throw new RangeError("the event lies below the profile's floor");
  const before = profile ?? emptyProfile(event);
  const rule = rules[event.name];
  if (place === "folded" || rule === undefined) return before;
  const createdAt = earlier(before.createdAt, event.receivedAt);
  return { ...before, ...rule(before, event), createdAt, ...remember(profile, markOf(event)) };
}

/** The profile of a whole history, in whatever order it comes; undefined when nothing in it concerns one. */
export function refold(events: readonly Event[]): Profile | undefined {
  return events
    .filter((event) => concernsProfile(event.name))
    .toSorted((a, b) => (markOf(a) < markOf(b) ? -1 : 1))
    .reduce<Profile | undefined>(fold, undefined);
}

function emptyProfile(event: Event): Profile {
  return {
    contactId: contactOf(event),
    fields: {},
    orders: 0,
    revenue: {},
    engagement: { opens: 0, clicks: 0 },
    createdAt: event.receivedAt,
    ring: [],
  };
}

function afterSubmission(profile: Profile, event: Event): Partial<Profile> {
  const { fields, formId, page } = formPayloadSchema.parse(event.properties);
  const at = event.occurredAt;
  return {
    ...leadOf(profile, { leadAt: at, leadForm: formId, leadSource: sourceOf(page) }),
    email: firstOf(profile.email, { value: fields.email, at }),
    fields: filled(profile.fields, fields, at),
    lastActivityAt: activityOf(profile, event),
  };
}

function afterOrder(profile: Profile, event: Event): Partial<Profile> {
  const { email, revenue, test } = orderedSchema.parse(event.properties);
  if (test) return {};
  const at = event.occurredAt;
  const paid = revenue.amount > 0;
  const held = profile.revenue[revenue.currency] ?? 0;
  return {
    email: firstOf(profile.email, { value: email, at }),
    orders: profile.orders + 1,
    revenue: paid ? { ...profile.revenue, [revenue.currency]: held + revenue.amount } : profile.revenue,
    customerAt: paid ? earlier(profile.customerAt, at) : profile.customerAt,
    lastOrderAt: later(profile.lastOrderAt, at),
    lastActivityAt: activityOf(profile, event),
  };
}

/** A sender's clock that runs ahead must not keep a contact at the top of the list. */
function activityOf({ lastActivityAt }: Profile, { occurredAt, receivedAt }: Event): string {
  return later(lastActivityAt, earlier(receivedAt, occurredAt));
}

/** The campaign's source, else the site that led to the form. */
function sourceOf(page: Page | undefined): string | undefined {
  return page?.utmSource ?? (page?.referrer === undefined ? undefined : URL.parse(page.referrer)?.hostname);
}

type Lead = { leadAt: string; leadForm: string; leadSource: string | undefined };

/** The earlier of two first submissions; of two at one instant, the one whose words sort first. */
function leadOf(profile: Profile, lead: Lead): Partial<Profile> {
  if (profile.leadAt === undefined) return lead;
  const rank = (of: Partial<Profile>) => [of.leadAt, of.leadForm, of.leadSource ?? ""].join("\n");
  return rank(lead) < rank(profile) ? lead : {};
}

function filled(held: Profile["fields"], given: Readonly<Record<string, string>>, at: string): Profile["fields"] {
  const fields = { ...held };
  for (const field of contactFields) {
    const value = [...(given[field]?.trim() ?? "")].slice(0, longestValue).join("");
    if (value !== "") fields[field] = firstOf(held[field], { value, at });
  }
  return fields;
}

function firstOf(held: Dated | undefined, given: Dated): Dated {
  if (held === undefined) return given;
  return `${given.at}${given.value}` < `${held.at}${held.value}` ? given : held;
}

function earlier(held: string | undefined, given: string): string {
  return held !== undefined && held < given ? held : given;
}

function later(held: string | undefined, given: string): string {
  return held !== undefined && held > given ? held : given;
}
