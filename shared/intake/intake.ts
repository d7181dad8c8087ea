import * as z from "zod/mini";
import { moneySchema } from "./money.ts";

/** Where a form was filled in. Values are cut, never refused: a long campaign name must not cost a lead. */
export const pageSchema = z.object({
  url: z.optional(z.string()),
  referrer: z.optional(z.string()),
  utmSource: z.optional(z.string()),
  utmMedium: z.optional(z.string()),
  utmCampaign: z.optional(z.string()),
  utmTerm: z.optional(z.string()),
  utmContent: z.optional(z.string()),
});
export type Page = z.infer<typeof pageSchema>;

/** What a person agreed to, as the form showed it. */
export const shownConsentSchema = z.object({ text: z.string(), version: z.string(), doubleOptIn: z.boolean() });
export type ShownConsent = z.infer<typeof shownConsentSchema>;

/** A submission of a form. `fields.email` is always there: the address for sending. */
export const formPayloadSchema = z.object({
  formId: z.string(),
  formVersion: z.number(),
  fields: z.catchall(z.object({ email: z.string() }), z.string()),
  marketing: z.boolean(),
  consent: z.optional(shownConsentSchema),
  page: z.optional(pageSchema),
});
export type FormPayload = z.infer<typeof formPayloadSchema>;

const productSchema = z.object({
  productId: z.optional(z.string()),
  sku: z.optional(z.string()),
  name: z.optional(z.string()),
  category: z.optional(z.string()),
  quantity: z.number(),
  price: z.optional(moneySchema),
});

/** An order as we keep it, whatever wrote it. Amounts are integers in the currency's minor unit. */
export const orderSchema = z.object({
  orderId: z.string(),
  /** Lines less discounts, without tax and shipping. */
  revenue: moneySchema,
  total: z.optional(moneySchema),
  tax: z.optional(moneySchema),
  shipping: z.optional(moneySchema),
  discount: z.optional(moneySchema),
  coupon: z.optional(z.string()),
  products: z.array(productSchema),
  /** A test order never counts. */
  test: z.optional(z.literal(true)),
});
export type Order = z.infer<typeof orderSchema>;

/** An analytics event of a shop or a server. */
export const trackPayloadSchema = z.object({
  event: z.literal("Order Completed"),
  messageId: z.string(),
  /** The name of the API key it came by. */
  source: z.string(),
  timestamp: z.string(),
  /** The address for sending. */
  email: z.string(),
  properties: orderSchema,
});
export type TrackPayload = z.infer<typeof trackPayloadSchema>;

/** What a signed link said. `reference` is the mail it stood in, or the confirmation it is for. */
export const linkPayloadSchema = z.object({
  addressHash: z.string(),
  contactId: z.string(),
  reference: z.optional(z.string()),
});
export type LinkPayload = z.infer<typeof linkPayloadSchema>;

const base = {
  pk: z.string(),
  sk: z.literal("INTAKE"),
  kind: z.literal("intake"),
  intakeId: z.string(),
  receivedAt: z.string(),
  occurredAt: z.string(),
  bodyHash: z.string(),
  /** Fixed by the resolve stage. */
  contactId: z.optional(z.string()),
  expiresAt: z.number(),
};

/** What arrived at the door, before anything was made of it. */
export const intakeSchema = z.discriminatedUnion("type", [
  z.object({ ...base, type: z.literal("form"), payload: formPayloadSchema }),
  z.object({ ...base, type: z.literal("track"), payload: trackPayloadSchema }),
  z.object({ ...base, type: z.literal("unsubscribe"), payload: linkPayloadSchema }),
  z.object({ ...base, type: z.literal("confirm"), payload: linkPayloadSchema }),
]);
export type Intake = z.infer<typeof intakeSchema>;

/** The address that says whose intake this is; undefined when a signed link has said so already. */
export function emailOf(intake: Intake): string | undefined {
  if (intake.type === "form") return intake.payload.fields.email;
  return intake.type === "track" ? intake.payload.email : undefined;
}
