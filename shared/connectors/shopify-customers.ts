import type * as z from "zod/mini";
import type { Mapped, TrackCall, Traits } from "./connector.ts";
import { instantOf } from "./instant.ts";
import { customerSchema, emailConsentSchema, privacySchema } from "./shopify-schemas.ts";

type Customer = z.infer<typeof customerSchema>;

/** What a payload says of the person; `email` is the one it gives beside the account's. */
export function traitsOf(
  customer: Customer | null | undefined,
  email: string | undefined,
  address: Customer["default_address"],
): Traits {
  const home = address ?? customer?.default_address;
  return {
    email: email ?? customer?.email,
    firstName: customer?.first_name,
    lastName: customer?.last_name,
    phone: customer?.phone,
    company: home?.company,
    city: home?.city,
    country: home?.country_code,
  };
}

export function mapCustomer(body: unknown): Mapped | undefined {
  const customer = customerSchema.parse(body);
  // An account by telephone number alone is nobody whom we could write to.
  if (customer.email === undefined) return undefined;
  const timestamp = instantOf(customer.updated_at ?? customer.created_at);
  return {
    calls: [{ type: "identify", userId: customer.id, timestamp, traits: traitsOf(customer, undefined, undefined) }],
  };
}

const said: Readonly<Record<string, "subscribed" | "unsubscribed">> = {
  subscribed: "subscribed",
  unsubscribed: "unsubscribed",
  redacted: "unsubscribed",
};

/** `not_subscribed` was never asked and `pending` has not answered: neither is a decision. */
export function mapConsent(body: unknown): Mapped | undefined {
  const { customer_id, email_address, email_marketing_consent: consent } = emailConsentSchema.parse(body);
  const state = said[consent?.state ?? ""];
  if (state === undefined || email_address === undefined) return undefined;
  const at = instantOf(consent?.consent_updated_at);
  const call: TrackCall = {
    type: "track",
    event: "Consent Changed",
    timestamp: at,
    userId: customer_id,
    properties: {
      channel: "email",
      state,
      // Without a time of its own it cannot be told whether it is newer than what we know.
      dated: at !== undefined,
      confirmed: consent?.opt_in_level === "confirmed_opt_in",
    },
    context: { traits: { email: email_address } },
  };
  return { calls: [call] };
}

/** What a person asks of the shop by law. Carrying it out is a step of its own; here it is kept as a fact. */
export function mapPrivacyRequest(body: unknown, request: "access" | "erasure"): Mapped | undefined {
  const { customer, shop_domain, data_request } = privacySchema.parse(body);
  if (customer?.email === undefined) return undefined;
  const call: TrackCall = {
    type: "track",
    event: "Privacy Request Received",
    userId: customer.id,
    properties: { request, shop: shop_domain, request_id: data_request?.id },
    context: { traits: { email: customer.email } },
  };
  return { calls: [call] };
}
