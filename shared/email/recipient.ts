import * as z from "zod/mini";
import type { Relation } from "../consent/policy.ts";
import type { KnownCarts } from "../contacts/cart-standing.ts";
import { parseEmailAddress } from "../contacts/email-address.ts";
import { profileSchema } from "../contacts/profile-schema.ts";
import { ownTimeZone } from "../time-zone.ts";
import { greetingName } from "./clean-text.ts";

/** Who gets a mail, as far as the mail says or needs it. */
export interface Recipient {
  readonly address: string;
  /** For the header; "" when unknown. */
  readonly name: string;
  /** For the greeting; "" when unknown or unfit to be printed. */
  readonly firstName: string;
  /** What templates may print of the contact; absent for staff. */
  readonly contact?: Readonly<Record<string, unknown>>;
  readonly locale?: string;
  /** An IANA time zone, when the contact's own is known. */
  readonly timeZone?: string;
  /** What the contact has to do with us besides consent; absent for staff. */
  readonly relation?: Relation;
  /** The carts as they are now: a mail shows these rather than what its request remembers. */
  readonly carts?: KnownCarts;
}

const dated = z.optional(z.object({ value: z.string() }));
const contactSchema = z.object({
  email: dated,
  fields: z.optional(z.record(z.string(), dated)),
  lastOrderAt: z.optional(z.string()),
  leadAt: z.optional(z.string()),
  traits: z.optional(z.catch(z.record(z.string(), z.object({ value: z.unknown() })), {})),
});
const cartsSchema = z.pick(profileSchema, { carts: true, ring: true, floor: true });

/** Reads what a mail needs from a contact item; undefined when it has no address that mail can be sent to. */
export function recipientOf(contact: unknown): Recipient | undefined {
  const { email, fields, traits = {}, lastOrderAt, leadAt } = contactSchema.parse(contact);
  const parsed = parseEmailAddress(email?.value ?? "");
  if (parsed === undefined) return undefined;
  const { data: carts } = cartsSchema.safeParse(contact);
  const full = greetingName(fields?.name?.value);
  const firstName = greetingName(fields?.firstName?.value) || (full.split(" ")[0] ?? "");
  const lastName = greetingName(fields?.lastName?.value);
  const name = full || [firstName, lastName].filter(Boolean).join(" ");
  const printable = (value: unknown) => (typeof value === "string" ? greetingName(value) : value);
  const known = Object.fromEntries(Object.entries(traits).map(([trait, { value }]) => [trait, value]));
  const locale = known.locale ?? known.language;
  const timeZone = ownTimeZone(known);
  return {
    address: parsed.address,
    name,
    firstName,
    contact: {
      ...Object.fromEntries(Object.entries(fields ?? {}).map(([field, entry]) => [field, printable(entry?.value)])),
      lastName,
      name,
      email: parsed.address,
      traits: Object.fromEntries(Object.entries(known).map(([trait, value]) => [trait, printable(value)])),
    },
    ...(typeof locale === "string" && isLocale(locale) && { locale: locale.replaceAll("_", "-") }),
    ...(timeZone !== undefined && { timeZone }),
    relation: { country: fields?.country?.value, lastOrderAt, inquiredAt: leadAt },
    ...(carts !== undefined && { carts }),
  };
}

function isLocale(tag: string): boolean {
  return /^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$/.test(tag);
}

/** A member of staff, who is named in the request itself. */
export function staffRecipient({ name, email }: { name: string; email: string }): Recipient | undefined {
  const parsed = parseEmailAddress(email);
  if (parsed === undefined) return undefined;
  const clean = greetingName(name);
  return { address: parsed.address, name: clean, firstName: clean.split(" ")[0] ?? "" };
}
