import * as z from "zod/mini";
import { eventNameSchema } from "../events/event.ts";
import { feedbackPayloadSchema } from "../feedback/feedback-input.ts";
import { answersSchema } from "../surveys/answers.ts";
import { surveyKinds } from "../surveys/survey.ts";

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
export const shownConsentSchema = z.object({
  text: z.string(),
  version: z.string(),
  doubleOptIn: z.boolean(),
  /** Without it: all marketing. */
  topics: z.optional(z.array(z.string())),
});
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

/**
 * An analytics event of a shop, a server or a browser. Whose it is say `email`, else `userId`, else what a browser or
 * a cart is known by (`anonymousId`, and `cartId` and `checkoutId` of the properties).
 */
export const trackPayloadSchema = z.object({
  /** `Identified`, `Page Viewed` and `Screen Viewed` for the calls beside `track`. */
  event: eventNameSchema,
  messageId: z.string(),
  /** The name of the API key or of the shop it came by. */
  source: z.string(),
  timestamp: z.string(),
  /** The address for sending. */
  email: z.optional(z.string()),
  /** The person's id at the source. */
  userId: z.optional(z.string()),
  anonymousId: z.optional(z.string()),
  /** Told by a browser's public key: it adds to a timeline and fills blanks, and never overwrites. */
  browser: z.optional(z.literal(true)),
  /** Of the e-commerce vocabulary: a shape of `commerce.ts`. Of `Identified`: `traits`. Of any other: flat values. */
  properties: z.record(z.string(), z.unknown()),
});
export type TrackPayload = z.infer<typeof trackPayloadSchema>;

/** What a signed link said. `reference` is the mail it stood in, or the confirmation it is for. */
export const linkPayloadSchema = z.object({
  addressHash: z.string(),
  contactId: z.string(),
  reference: z.optional(z.string()),
});
/** What a person chose in the preference centre: all marketing, none, none for 30 days, or topics and how often. */
export const choiceSchema = z.object({
  choice: z.enum(["all", "none", "pause", "save"]),
  topics: z.optional(z.record(z.string(), z.enum(["on", "off"]))),
  frequency: z.optional(z.enum(["every", "weekly", "monthly"])),
  /** The words that were agreed to. */
  shown: z.optional(z.string()),
});
export type Choice = z.infer<typeof choiceSchema>;
export const preferencesPayloadSchema = z.extend(linkPayloadSchema, choiceSchema.shape);
export type PreferencesPayload = z.infer<typeof preferencesPayloadSchema>;
export type LinkPayload = z.infer<typeof linkPayloadSchema>;

/** A transactional mail that a shop or a server asks for. */
export const messagePayloadSchema = z.object({
  source: z.string(),
  /** The address for sending. */
  email: z.string(),
  templateId: z.string(),
  data: z.record(z.string(), z.unknown()),
});
export type MessagePayload = z.infer<typeof messagePayloadSchema>;

/** A contact who is asked into a journey. */
export const journeyPayloadSchema = z.object({
  journeyId: z.string(),
  contactId: z.string(),
  /** Who asked. */
  by: z.string(),
  entryKey: z.optional(z.string()),
  properties: z.record(z.string(), z.unknown()),
});

/** What a shop passes on of the rights of one of its customers, or of all of them. Only a shop's signature vouches for it. */
export const privacyPayloadSchema = z.object({
  request: z.enum(["access", "erasure", "shop"]),
  source: z.string(),
  /** The shop's address at its platform. */
  shop: z.optional(z.string()),
  /** The shop's own name for the request. */
  reference: z.optional(z.string()),
  email: z.optional(z.string()),
  userId: z.optional(z.string()),
  orderIds: z.array(z.string()),
});
export type PrivacyPayload = z.infer<typeof privacyPayloadSchema>;

/** What a post of a survey's page said. The invitation stands in the signed link. */
export const surveyPayloadSchema = z.object({
  surveyId: z.string(),
  surveyKind: z.enum(surveyKinds),
  surveyVersion: z.number(),
  /** Of an open link: the answer's own name. */
  invitationId: z.string(),
  contactId: z.optional(z.string()),
  channel: z.string(),
  language: z.optional(z.string()),
  invitedAt: z.string(),
  answers: answersSchema,
});
export type SurveyPayload = z.infer<typeof surveyPayloadSchema>;

/** What the link of a digest to stop it said. */
export const digestStopPayloadSchema = z.object({ digestId: z.string(), addressHash: z.string() });

const base = {
  pk: z.string(),
  sk: z.literal("INTAKE"),
  kind: z.literal("intake"),
  intakeId: z.string(),
  receivedAt: z.string(),
  occurredAt: z.string(),
  bodyHash: z.string(),
  /** History that an import brought: it starts nothing. */
  imported: z.optional(z.literal(true)),
  /** Fixed by the resolve stage. */
  contactId: z.optional(z.string()),
  /** When its person became known, of a fact that waited for that. */
  joinedAt: z.optional(z.string()),
  expiresAt: z.number(),
};

/** What arrived at the door, before anything was made of it. */
export const intakeSchema = z.discriminatedUnion("type", [
  z.object({ ...base, type: z.literal("form"), payload: formPayloadSchema }),
  z.object({ ...base, type: z.literal("track"), payload: trackPayloadSchema }),
  z.object({ ...base, type: z.literal("unsubscribe"), payload: linkPayloadSchema }),
  z.object({ ...base, type: z.literal("confirm"), payload: linkPayloadSchema }),
  z.object({ ...base, type: z.literal("preferences"), payload: preferencesPayloadSchema }),
  z.object({ ...base, type: z.literal("message"), payload: messagePayloadSchema }),
  z.object({ ...base, type: z.literal("journey"), payload: journeyPayloadSchema }),
  z.object({ ...base, type: z.literal("privacy"), payload: privacyPayloadSchema }),
  z.object({ ...base, type: z.literal("survey"), payload: surveyPayloadSchema }),
  z.object({ ...base, type: z.literal("digestStop"), payload: digestStopPayloadSchema }),
  z.object({ ...base, type: z.literal("feedback"), payload: feedbackPayloadSchema }),
]);
export type Intake = z.infer<typeof intakeSchema>;
