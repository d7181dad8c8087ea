import * as z from "zod/mini";
import type { Key } from "../table/item.ts";

/** Says whose a normalised e-mail address is. Written once, never changed. */
export const identitySchema = z.object({
  pk: z.string(),
  sk: z.literal("IDENTITY"),
  kind: z.literal("identity"),
  contactId: z.string(),
});
export type Identity = z.infer<typeof identitySchema>;

const emailPrefix = "IDENTITY#email#";

/** @param normalised the address in its identity form (`normaliseEmail`) */
export function emailIdentityKey(normalised: string): Key {
  return { pk: `${emailPrefix}${normalised}`, sk: "IDENTITY" };
}

/** The address in an identity's partition key; undefined of any other key. */
export function emailOfIdentity(pk: string): string | undefined {
  return pk.startsWith(emailPrefix) ? pk.slice(emailPrefix.length) : undefined;
}
