import * as z from "zod/mini";
import { parseEmailAddress } from "../contacts/email-address.ts";
import { campaignSchema } from "./campaign.ts";
import { localTimeSchema } from "./local-time.ts";

const text = z.string().check(z.minLength(1));
const image = z.object({ cid: text, contentType: z.string().check(z.startsWith("image/")), base64: text });

/** A mail that was rendered by whoever asks for it: the KPI digest. */
export const preparedContentSchema = z.object({
  subject: text,
  html: text,
  text,
  images: z._default(z.array(image), []),
  /** Where one click stops what the mail is one of (RFC 8058). */
  stopUrl: z.optional(z.url()),
});
export type PreparedContent = z.output<typeof preparedContentSchema>;

/** Whose mail it is: a contact, found by id when it is sent, or a member of staff, named here. */
export const mailOwnerSchema = z.union([
  z.object({ contactId: z.string().check(z.regex(/^[A-Za-z0-9_-]{1,128}$/)) }),
  z.object({ staff: z.object({ name: z.string(), email: z.email() }) }),
]);
export type MailOwner = z.output<typeof mailOwnerSchema>;

/** The contact whose mail it is, for a due item; nothing for staff. */
export function contactOfOwner(owner: MailOwner): { readonly contactId?: string } {
  return "contactId" in owner ? { contactId: owner.contactId } : {};
}

/** Printable ASCII without spaces, short enough that its base64url fits a tag of SES (256 characters). */
export const messageKeySchema = z.string().check(z.regex(/^[\x21-\x7e]{1,180}$/));

/** A request on the mail queue. Owner and message key name its ledger item, which makes it a mail that is sent once. */
export const mailMessageSchema = z
  .object({
    owner: mailOwnerSchema,
    messageKey: messageKeySchema,
    /** A template's id with what it merges, or `content`. Journeys put under `data` what their templates name:
     * `event`, `cart` and `order`, each as its own object. */
    templateId: z.optional(text),
    data: z.optional(z.record(z.string(), z.unknown())),
    content: z.optional(preparedContentSchema),
    /** The journey's run and step that asks for it: a run that was left, or a paused journey, sends no more. */
    run: z.optional(z.object({ sk: z.string().check(z.startsWith("RUN#")), stepId: text })),
    /** What it is sent for; mail that answers an act of the reader's is sent for no campaign. */
    campaign: z.optional(campaignSchema),
    /** It is wanted at this time by its reader's clock. */
    localTime: z.optional(localTimeSchema),
    /** The address that was asked for: the contact's profile may have none yet, or another. */
    to: z.optional(z.string().check(z.refine((given) => parseEmailAddress(given) !== undefined, "an e-mail address"))),
    /** When the mail was first asked for; without it, when the queue got the message. */
    requestedAt: z.optional(z.iso.datetime()),
    /** When it is too old to be sent; without it, as long after it was wanted as its stream allows. */
    notAfter: z.optional(z.iso.datetime()),
    /** It has waited for room in its recipient's domain, and goes before who has not. */
    stoodInLine: z.optional(z.literal(true)),
    /** Asks only that a mail of unknown fate be closed; such a message may lack template and content. */
    close: z.optional(z.literal(true)),
    correlationId: text,
  })
  .check(
    z.refine(
      ({ templateId, content, close }) => templateId !== undefined || content !== undefined || close === true,
      "names neither a template nor content",
    ),
  );
export type MailMessage = z.output<typeof mailMessageSchema>;
/** What a sender writes: defaults may be left out. */
export type MailMessageInput = z.input<typeof mailMessageSchema>;
