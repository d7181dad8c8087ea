import * as z from "zod/mini";
import { parseEmailAddress } from "../contacts/email-address.ts";
import { greetingName } from "./clean-text.ts";

/** Who gets a mail, as far as the mail says or needs it. */
export interface Recipient {
  readonly address: string;
  /** For the header; "" when unknown. */
  readonly name: string;
  /** For the greeting; "" when unknown or unfit to be printed. */
  readonly firstName: string;
}

const dated = z.optional(z.object({ value: z.string() }));
const contactSchema = z.object({
  email: dated,
  fields: z.optional(z.object({ firstName: dated, lastName: dated, name: dated })),
});

/** Reads what a mail needs from a contact item; undefined when it has no address that mail can be sent to. */
export function recipientOf(contact: unknown): Recipient | undefined {
  const { email, fields } = contactSchema.parse(contact);
  const parsed = parseEmailAddress(email?.value ?? "");
  if (parsed === undefined) return undefined;
  const full = greetingName(fields?.name?.value);
  const firstName = greetingName(fields?.firstName?.value) || (full.split(" ")[0] ?? "");
  const lastName = greetingName(fields?.lastName?.value);
  return { address: parsed.address, name: full || [firstName, lastName].filter(Boolean).join(" "), firstName };
}

/** A member of staff, who is named in the request itself. */
export function staffRecipient({ name, email }: { name: string; email: string }): Recipient | undefined {
  const parsed = parseEmailAddress(email);
  if (parsed === undefined) return undefined;
  const clean = greetingName(name);
  return { address: parsed.address, name: clean, firstName: clean.split(" ")[0] ?? "" };
}
