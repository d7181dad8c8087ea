import * as z from "zod/mini";
import { orderSchema } from "../events/commerce.ts";
import type { Event } from "../events/event.ts";
import { formPayloadSchema, type Page } from "../intake/intake.ts";
import { contactFields, type Dated, type Profile } from "./profile-schema.ts";

/** A longer value is cut, so that a profile stays within one write unit. */
const longestValue = 120;

/** An order's event says whose it is beside what was bought. */
const orderedSchema = z.extend(orderSchema, { email: z.optional(z.string()) });

export type Rule = (profile: Profile, event: Event) => Partial<Profile>;

/** How each kind of event changes a profile. Every rule is commutative: events arrive in any order. */
export const rules: Readonly<Record<string, Rule | undefined>> = {
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
    email: email === undefined ? profile.email : firstOf(profile.email, { value: email, at }),
    orders: profile.orders + 1,
    // Beyond what a number holds exactly the table takes none; stopping there keeps the rule commutative.
    revenue: paid
      ? { ...profile.revenue, [revenue.currency]: Math.min(held + revenue.amount, Number.MAX_SAFE_INTEGER) }
      : profile.revenue,
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

/** The earlier of two ISO 8601 instants. */
export function earlier(held: string | undefined, given: string): string {
  return held !== undefined && held < given ? held : given;
}

function later(held: string | undefined, given: string): string {
  return held !== undefined && held > given ? held : given;
}
