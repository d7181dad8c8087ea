import * as z from "zod/mini";
import type { Event } from "../events/event.ts";
import { reservedNames } from "../events/vocabulary.ts";
import { formPayloadSchema, type Page } from "../intake/intake.ts";
import { withAddress } from "./address-rules.ts";
import { afterCartEnded, afterCartEvent } from "./cart-rules.ts";
import { afterOrder, afterOrderPlaced, afterTakingBack } from "./order-rules.ts";
import { afterBeingSeen, afterIdentifying, afterTagging, filled } from "./person-rules.ts";
import type { Profile } from "./profile-schema.ts";
import { activityOf, later } from "./profile-values.ts";

export type Rule = (profile: Profile, event: Event) => Partial<Profile>;

/**
 * How each kind of event changes a profile. Every rule is commutative: events arrive in any order. Carts alone need
 * theirs (`comesTooLateForCarts`).
 */
const rules: Readonly<Record<string, Rule | undefined>> = {
  "Form Submitted": afterSubmission,
  Identified: afterIdentifying,
  "Contact Updated": afterIdentifying,
  "Tag Added": afterTagging,
  "Tag Removed": afterTagging,
  "Consent Changed": afterBeingSeen,
  "Product Added": seenWith(afterCartEvent),
  "Product Removed": seenWith(afterCartEvent),
  "Cart Viewed": seenWith(afterCartEvent),
  "Checkout Started": seenWith(afterCartEvent),
  "Cart Ended": afterCartEnded,
  "Order Placed": afterOrderPlaced,
  "Order Completed": afterOrder,
  "Order Refunded": afterTakingBack,
  "Order Cancelled": afterTakingBack,
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

/** What a machine did with a mail says nothing of its reader. */
const readings: ReadonlySet<string> = new Set(["Email Opened", "Email Link Clicked"]);
const machineSchema = z.object({ machine: z.literal(true) });

/** The rule of an event; undefined for one that a profile says nothing of. */
export function ruleOf({ name, properties }: Readonly<Record<string, unknown>>): Rule | undefined {
  if (typeof name !== "string") return undefined;
  if (readings.has(name) && machineSchema.safeParse(properties).success) return undefined;
  const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
  if (rule !== undefined || reservedNames.has(name)) return rule;
  const named = typeof properties === "object" && properties !== null && "email" in properties;
  return named && typeof properties.email === "string" ? afterBeingSeen : undefined;
}

function seenWith(rule: Rule): Rule {
  return (profile, event) => ({ ...afterBeingSeen(profile, event), ...rule(profile, event) });
}

function afterSubmission(profile: Profile, event: Event): Partial<Profile> {
  const { fields, formId, page } = formPayloadSchema.parse(event.properties);
  const at = event.occurredAt;
  return {
    ...leadOf(profile, { leadAt: at, leadForm: formId, leadSource: sourceOf(page) }),
    ...withAddress(profile, { value: fields.email, at }),
    fields: filled(profile.fields, fields, { at }),
    lastActivityAt: activityOf(profile, event),
  };
}

/** The campaign's source, else the site that led to the page. */
export function sourceOf(page: Pick<Page, "utmSource" | "referrer"> | undefined): string | undefined {
  return page?.utmSource ?? (page?.referrer === undefined ? undefined : URL.parse(page.referrer)?.hostname);
}

type Lead = { leadAt: string; leadForm: string; leadSource: string | undefined };

/** The earlier of two first submissions; of two at one instant, the one whose words sort first. */
function leadOf(profile: Profile, lead: Lead): Partial<Profile> {
  if (profile.leadAt === undefined) return lead;
  const rank = (of: Partial<Profile>) => [of.leadAt, of.leadForm, of.leadSource ?? ""].join("\n");
  return rank(lead) < rank(profile) ? lead : {};
}
