import * as z from "zod/mini";
import { signWire, type TokenKeys, verifyWire } from "../email/tokens.ts";
import { DomainError } from "../errors.ts";
import { digestOf } from "../table/hash.ts";
import type { Survey } from "./survey.ts";

/** Who may answer which survey until when: all of it stands in the signed link, nothing of it in the table. */
export interface Invitation {
  readonly surveyId: string;
  readonly invitationId: string;
  /** Absent for an open link, which anybody may answer who has it, each once. */
  readonly contactId: string | undefined;
  /** How it reaches people: `email`, `link`. */
  readonly channel: string;
  readonly language: string | undefined;
  /** To the second. */
  readonly invitedAt: Date;
  readonly expiresAt: Date;
}

const letter = "s";
const text = z.string();
const instant = z.string().check(z.regex(/^[0-9a-z]{1,8}$/));
const wireSchema = z.tuple([z.literal(letter), text, text, text, text, text, instant, instant]);

/** The path of an invitation, `/s/<token>`. */
export function invitationPath(keys: TokenKeys, invitation: Invitation): string {
  const { surveyId, invitationId, contactId = "", channel, language = "", invitedAt, expiresAt } = invitation;
  const instants = [invitedAt, expiresAt].map((at) => Math.floor(at.getTime() / 1000).toString(36));
  return `/s/${signWire(keys, [letter, surveyId, invitationId, contactId, channel, language, ...instants])}`;
}

/**
 * The invitation that a token of ours says.
 *
 * @throws DomainError invalid_token for any other token, also one that we signed for something else.
 */
export function invitationOf(keys: TokenKeys, token: string): Invitation {
  const wire = wireSchema.safeParse(verifyWire(keys, token));
  if (!wire.success) throw new DomainError("invalid_token", "This link is not valid. Open the link you were sent.");
  const [, surveyId, invitationId, contactId, channel, language, invitedAt, expiresAt] = wire.data;
  return {
    surveyId,
    invitationId,
    contactId: contactId === "" ? undefined : contactId,
    channel,
    language: language === "" ? undefined : language,
    invitedAt: instantOf(invitedAt),
    expiresAt: instantOf(expiresAt),
  };
}

function instantOf(seconds: string): Date {
  return new Date(Number.parseInt(seconds, 36) * 1000);
}

/** An invitation that begins now; the survey says how long it stays open. */
export function newInvitation(
  { id, openDays }: Pick<Survey, "id" | "openDays">,
  facts: Pick<Invitation, "invitationId" | "contactId" | "channel" | "language">,
  now: Date,
): Invitation {
  const expiresAt = new Date(now.getTime() + openDays * 86_400_000);
  return { surveyId: id, ...facts, invitedAt: now, expiresAt };
}

/** The invitation that a mail carries: one mail is one invitation, however often it is made. */
export function mailInvitationId(contactId: string, messageKey: string): string {
  return digestOf(["survey mail", contactId, messageKey], 24);
}

/** One answer of an open link: the page gave it a random name, under which it can be changed. */
export function respondentOf({ invitationId }: Pick<Invitation, "invitationId">, nonce: string): string {
  return digestOf(["respondent", invitationId, nonce], 24);
}
