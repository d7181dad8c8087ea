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

/** What a person asks of the shop by law: whom the shop names by address, account or order. */
export function mapPrivacyRequest(body: unknown, request: "access" | "erasure"): Mapped | undefined {
  const { customer, shop_domain: shop, data_request, orders_requested, orders_to_redact } = privacySchema.parse(body);
  const orderIds = [...orders_requested, ...orders_to_redact].filter((id) => id !== undefined);
  const { email, id: userId } = customer ?? {};
  if (email === undefined && userId === undefined && orderIds.length === 0) return undefined;
  return { calls: [], privacy: { request, shop, reference: data_request?.id, email, userId, orderIds } };
}

/** The shop itself is to be forgotten, 48 hours after it removed the app: no person is named. */
export function mapShopRedaction(body: unknown): Mapped {
  const { shop_domain: shop } = privacySchema.parse(body);
  return { calls: [], disconnected: true, privacy: { request: "shop", shop, orderIds: [] } };
}
