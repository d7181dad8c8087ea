import { addressHash } from "../contacts/email-address.ts";
import { invitationPath, mailInvitationId, newInvitation } from "../surveys/invitation.ts";
import { isOpen, type Survey } from "../surveys/survey.ts";
import { type SurveyMail, surveyMailOf } from "../surveys/survey-mail.ts";
import type { Stream } from "./ledger.ts";
import type { MailMessage } from "./mail-message.ts";
import { rawMessage } from "./mime.ts";
import type { Recipient } from "./recipient.ts";
import { checkedSize, type MergeValues, type RenderedMail, renderMail, UnsendableError } from "./render.ts";
import type { ReadyMail } from "./ses-sender.ts";
import type { Template } from "./templates/template.ts";
import { signToken, type TokenClaims, type TokenKeys } from "./tokens.ts";

/** Who sends, and where our links lead. */
export interface House {
  readonly sender: string;
  /** Without a slash at its end. */
  readonly publicUrl: string;
  readonly publicName: string;
  readonly postalAddress: string;
}

/** What a request asks for: a template, or content that someone else has rendered. */
export type MailKind =
  | { readonly template: Template; readonly data: Readonly<Record<string, unknown>> }
  | { readonly content: NonNullable<MailMessage["content"]> };

/** The template of an id as it is now. */
export type TemplateOf = (id: string) => Promise<Template>;

/** What a request asks for; undefined when it only asks to close a mail. Prepared content is never marketing. */
export async function kindOf(
  request: Pick<MailMessage, "templateId" | "content" | "data">,
  templateOf: TemplateOf,
): Promise<MailKind | undefined> {
  if (request.content !== undefined) return { content: request.content };
  if (request.templateId === undefined) return undefined;
  return { template: await templateOf(request.templateId), data: request.data ?? {} };
}

export function streamOf(kind: MailKind): Stream {
  return "template" in kind ? kind.template.stream : "transactional";
}

export interface Occasion {
  readonly kind: MailKind;
  readonly recipient: Recipient;
  /** Absent for staff, whose mail has no links that speak for a contact. */
  readonly contactId: string | undefined;
  readonly messageKey: string;
  /** What a confirmation confirms. */
  readonly confirmationId: string | undefined;
  readonly now: Date;
}

export type Compose = (occasion: Occasion) => Promise<Omit<ReadyMail, "tags">>;

/** What composing asks for, each only by mail that needs it. */
export interface ComposeSources {
  readonly keys: () => Promise<TokenKeys>;
  readonly surveyOf: (id: string) => Promise<Survey | undefined>;
}

/** Makes the composer of a house's mail. */
export function createCompose(house: House, sources: ComposeSources): Compose {
  return async (occasion) => {
    const { kind, recipient, now } = occasion;
    const { mail, unsubscribeUrl } =
      "content" in kind
        ? { mail: checkedSize(kind.content), unsubscribeUrl: kind.content.stopUrl }
        : await rendered(house, sources, kind.template, kind.data, occasion);
    const raw = await rawMessage({ from: house.sender, to: recipient, mail, unsubscribeUrl, date: now });
    return { to: recipient.address, raw };
  };
}

async function rendered(
  house: House,
  { keys, surveyOf }: ComposeSources,
  template: Template,
  data: Readonly<Record<string, unknown>>,
  occasion: Occasion,
): Promise<{ mail: RenderedMail; unsubscribeUrl: string | undefined }> {
  const link = async (path: "u" | "c" | "p", purpose: TokenClaims["purpose"], reference: string) =>
    `${house.publicUrl}/${path}/${signToken(await keys(), { purpose, ...personOf(occasion), reference })}`;
  const unsubscribeUrl =
    template.stream === "marketing" ? await link("u", "unsubscribe", occasion.messageKey) : undefined;
  const preferencesUrl = template.stream === "marketing" ? await link("p", "preferences", occasion.messageKey) : "";
  const confirmUrl = template.asksForConsent ? await link("c", "confirm", confirmationOf(occasion)) : "";
  const { publicName, postalAddress } = house;
  const { firstName, contact, locale } = occasion.recipient;
  const values: MergeValues = {
    firstName,
    contact,
    locale,
    publicName,
    postalAddress,
    confirmUrl,
    unsubscribeUrl: unsubscribeUrl ?? "",
    preferencesUrl,
    ...(template.survey !== undefined && {
      survey: surveyIn(house, await keys(), await surveyOf(template.survey), occasion),
    }),
  };
  return { mail: renderMail(template, values, data), unsubscribeUrl };
}

/**
 * The survey with the links of an invitation of its own.
 *
 * @throws UnsendableError when the survey is not there or closed.
 */
function surveyIn(house: House, keys: TokenKeys, survey: Survey | undefined, occasion: Occasion): SurveyMail {
  const { messageKey, recipient, now } = occasion;
  if (survey === undefined) throw new UnsendableError("there is no such survey");
  if (!isOpen(survey, now)) throw new UnsendableError("the survey is closed");
  const { contactId } = personOf(occasion);
  const facts = {
    invitationId: mailInvitationId(contactId, messageKey),
    contactId,
    channel: "email",
    language: recipient.locale,
  };
  const url = `${house.publicUrl}${invitationPath(keys, newInvitation(survey, facts, now))}`;
  return surveyMailOf(survey, url, recipient.locale);
}

function personOf({ contactId, recipient }: Occasion): { contactId: string; addressHash: string } {
  if (contactId === undefined) throw new Error("Only a contact's mail can carry a signed link.");
  return { contactId, addressHash: addressHash(recipient.address) };
}

function confirmationOf({ confirmationId }: Occasion): string {
  if (confirmationId === undefined) throw new Error("There is no confirmation to ask for.");
  return confirmationId;
}
