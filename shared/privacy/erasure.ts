import * as z from "zod/mini";
import { contactKey } from "../contacts/contact.ts";
import { keySchema } from "../table/item.ts";

/** Who wanted it: the person, through the shop where they asked, or the account's own rule for data that it needs no more. */
export const erasureReasons = ["request", "shop", "policy"] as const;
export type ErasureReason = (typeof erasureReasons)[number];

const counts = z.record(z.string(), z.number());

/**
 * The record of a contact's erasure. It takes the contact's own place in the table, so that whoever reads the contact
 * sees in the same read that there is nobody any more; and it stays, without personal data.
 */
export const erasureSchema = z.extend(keySchema, {
  sk: z.literal("CONTACT"),
  kind: z.literal("erasure"),
  contactId: z.string(),
  reason: z.enum(erasureReasons),
  requestedAt: z.string(),
  /** The user name of staff, or the name of a shop. */
  requestedBy: z.string(),
  /** How many items of which kind were deleted. A pass that was cut off and made again may count too few. */
  deleted: counts,
  /** Passes over all there is: the first erases, the later ones find what was being written meanwhile. */
  passes: z.number(),
  /** When nothing was left for the first time. */
  erasedAt: z.optional(z.string()),
  /** When the next pass is to be; absent when the last one has been. */
  nextAt: z.optional(z.string()),
  /** Goes on from the contact's own, so that a write on condition of that fails. */
  version: z.number(),
});
export type Erasure = z.infer<typeof erasureSchema>;

/** What the erasures queue carries: the next pass over a contact, by the record's version; an older one does nothing. */
export const erasureMessageSchema = z.object({ contactId: z.string(), version: z.number() });
export type ErasureMessage = z.infer<typeof erasureMessageSchema>;

/** Or the next page of the erasure of a shop's own customers, by the version of the request. */
const shopErasureMessageSchema = z.object({ requestId: z.string(), version: z.number() });
export type ShopErasureMessage = z.infer<typeof shopErasureMessageSchema>;

export const erasuresMessageSchema = z.union([erasureMessageSchema, shopErasureMessageSchema]);
export type ErasuresMessage = z.infer<typeof erasuresMessageSchema>;

export interface ErasureRequest {
  readonly contactId: string;
  readonly reason: ErasureReason;
  readonly requestedBy: string;
  readonly at: Date;
}

/** @param contactVersion of the contact that it replaces; 0 when there is none */
export function newErasure({ contactId, reason, requestedBy, at }: ErasureRequest, contactVersion: number): Erasure {
  const requestedAt = at.toISOString();
  return {
    pk: contactKey(contactId).pk,
    sk: "CONTACT",
    kind: "erasure",
    contactId,
    reason,
    requestedAt,
    requestedBy,
    deleted: {},
    passes: 0,
    nextAt: requestedAt,
    version: contactVersion + 1,
  };
}

/** Where the index lists all erasures, the newest last. */
export const erasuresPk = "ERASURES";

/** What a sort key of that list looks like. */
export const erasuresSkPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z#[\w-]{1,64}$/;

export function erasureItem(erasure: Erasure) {
  return { ...erasure, gsi1pk: erasuresPk, gsi1sk: `${erasure.requestedAt}#${erasure.contactId}` };
}

const hour = 3_600_000;
/**
 * How long after the first pass the later ones come: functions that were at work then are over within the hour, and
 * what stood in a retry queue within the day.
 */
const laterPasses = [hour, 25 * hour];

/** What one pass did. */
export interface Pass {
  readonly deleted: Readonly<Record<string, number>>;
  /** False when it ended before everything was gone. */
  readonly complete: boolean;
}

/** The record after a pass: the same again at once, or the next one later, or none. */
export function afterPass(erasure: Erasure, { deleted, complete }: Pass, now: Date): Erasure {
  const sum = { ...erasure.deleted };
  for (const [kind, count] of Object.entries(deleted)) sum[kind] = (sum[kind] ?? 0) + count;
  const { nextAt: _, ...rest } = erasure;
  const next = { ...rest, deleted: sum, version: erasure.version + 1 };
  if (!complete) return { ...next, nextAt: now.toISOString() };
  const erasedAt = erasure.erasedAt ?? now.toISOString();
  const wait = laterPasses[erasure.passes];
  return {
    ...next,
    passes: erasure.passes + 1,
    erasedAt,
    ...(wait !== undefined && { nextAt: new Date(Date.parse(erasedAt) + wait).toISOString() }),
  };
}

/** What staff see of an erasure. */
export const erasureViewSchema = z.object({
  contactId: z.string(),
  /** `erased`: nothing is left, and it is looked at again until `done`. */
  state: z.enum(["erasing", "erased", "done"]),
  reason: z.enum(erasureReasons),
  requestedAt: z.iso.datetime(),
  requestedBy: z.string(),
  erasedAt: z.nullable(z.iso.datetime()),
  nextPassAt: z.nullable(z.iso.datetime()),
  deleted: counts,
});

export function viewOfErasure(erasure: Erasure): z.infer<typeof erasureViewSchema> {
  const { contactId, reason, requestedAt, requestedBy, erasedAt, nextAt, deleted } = erasure;
  return {
    contactId,
    state: erasedAt === undefined ? "erasing" : nextAt === undefined ? "done" : "erased",
    reason,
    requestedAt,
    requestedBy,
    erasedAt: erasedAt ?? null,
    nextPassAt: nextAt ?? null,
    deleted,
  };
}
