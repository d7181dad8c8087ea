import * as z from "zod/mini";
import { contactPk } from "../events/event-keys.ts";
import { type Lifecycle, lifecycleSchema } from "../funnel/lifecycle.ts";
import { shardOf } from "../table/hash.ts";
import type { Key } from "../table/item.ts";
import { type Profile, profileSchema } from "./profile-schema.ts";

/** A contact as it stands in the table: its profile, and the version that each write must name. */
export const contactSchema = z.extend(profileSchema, {
  pk: z.string(),
  sk: z.literal("CONTACT"),
  kind: z.literal("contact"),
  /** Its stages so far; none before an event that meets a rule. */
  lifecycle: z.optional(lifecycleSchema),
  version: z.number(),
});
export type Contact = z.infer<typeof contactSchema>;

export function contactKey(contactId: string): Key {
  return { pk: contactPk(contactId), sk: "CONTACT" };
}

/** Whether a contact has been erased: the record of its erasure has taken its place, for good. */
export function isErasure(item: { readonly kind?: unknown }): boolean {
  return item.kind === "erasure";
}

/** Partitions of the list of contacts: each takes the changes of 1,000 contacts a second. */
export const listShards = 4;

export function listPk(shard: number): string {
  return `CONTACTS#${shard}`;
}

/** What a sort key of the list looks like. */
export const listSkPattern = /^\d{4}-\d\d-\d\dT\d\d#[\w-]{1,64}$/;

/** The contact's item. Its place in the list moves at most once an hour, since each move costs two writes more. */
export function contactItem(
  profile: Profile,
  version: number,
  lifecycle?: Lifecycle,
): Readonly<Record<string, unknown>> {
  const { contactId, lastActivityAt } = profile;
  return {
    ...contactKey(contactId),
    kind: "contact",
    ...(lastActivityAt !== undefined && {
      gsi1pk: listPk(shardOf(contactId, listShards)),
      gsi1sk: `${lastActivityAt.slice(0, 13)}#${contactId}`,
    }),
    ...profile,
    lifecycle,
    version,
  };
}
