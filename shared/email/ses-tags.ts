import * as z from "zod/mini";
import { contactIdOf, contactPk } from "../events/event-keys.ts";
import type { Key } from "../table/item.ts";
import { messageKeySchema } from "./mail-message.ts";

/** Tags of a mail, by which its SES events find the ledger. SES takes letters, digits, `_` and `-`, up to 256. */
export type MailTags = Readonly<Record<string, string>>;

const value = z.tuple([z.string().check(z.regex(/^[A-Za-z0-9_-]+$/))], z.string());
const tagsSchema = z.union([z.object({ contact: value, message: value }), z.object({ staff: value, message: value })]);

/** The tags of the mail whose ledger item is at `key`. */
export function tagsOf({ pk, sk }: Key): MailTags {
  const message = Buffer.from(sk.slice("MESSAGE#".length)).toString("base64url");
  return pk.startsWith("STAFF#")
    ? { staff: pk.slice("STAFF#".length), message }
    : { contact: contactIdOf(pk), message };
}

/** The ledger item that an SES event's tags lead to; undefined for a mail that is not ours. */
export function ledgerKeyOfTags(tags: unknown): Key | undefined {
  const parsed = tagsSchema.safeParse(tags);
  if (!parsed.success) return undefined;
  const messageKey = Buffer.from(parsed.data.message[0], "base64url").toString("utf8");
  if (!messageKeySchema.safeParse(messageKey).success) return undefined;
  const pk = "contact" in parsed.data ? contactPk(parsed.data.contact[0]) : `STAFF#${parsed.data.staff[0]}`;
  return { pk, sk: `MESSAGE#${messageKey}` };
}
