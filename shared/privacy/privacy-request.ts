import * as z from "zod/mini";
import type { Intake } from "../intake/intake.ts";
import type { Key } from "../table/item.ts";

/** What is asked for: to know what is held on a person, to erase them, or to erase all that one shop alone told us. */
export const privacyRequestTypes = ["access", "erasure", "shop"] as const;
export const privacyRequestStates = ["open", "done"] as const;

/** Where the walk through the list of contacts stands, of the erasure of a shop. */
const walkSchema = z.object({ shard: z.number(), after: z.optional(z.string()) });

/** What a shop passed on of its customers' rights, and what became of it. It names nobody. */
export const privacyRequestSchema = z.object({
  id: z.string(),
  type: z.enum(privacyRequestTypes),
  /** The shop's name with us, its address at its platform, and its own name for the request. */
  source: z.string(),
  shop: z.optional(z.string()),
  reference: z.optional(z.string()),
  receivedAt: z.string(),
  /** By when it is to be done. */
  dueAt: z.string(),
  state: z.enum(privacyRequestStates),
  /** Whom it is about; empty when we held nobody, and of a shop. */
  contactIds: z.array(z.string()),
  /** How many contacts the erasure of a shop has begun to erase. */
  erased: z.optional(z.number()),
  walk: z.optional(walkSchema),
  doneAt: z.optional(z.string()),
  doneBy: z.optional(z.string()),
  version: z.number(),
});
export type PrivacyRequest = z.infer<typeof privacyRequestSchema>;

/** The id is that of what arrived: a digest. */
export const privacyRequestIdSchema = z.string().check(z.regex(/^[0-9a-f]{16,64}$/, "not the id of a privacy request"));

export function privacyRequestKey(id: string): Key {
  return { pk: `PRIVACY#${id}`, sk: "REQUEST" };
}

/** Where the index lists all of them, the newest last. */
export const privacyRequestsPk = "PRIVACY";
export const privacyRequestsSkPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z#[0-9a-f]{16,64}$/;

export function privacyRequestItem(request: PrivacyRequest) {
  const { id, receivedAt } = request;
  const list = { gsi1pk: privacyRequestsPk, gsi1sk: `${receivedAt}#${id}` };
  return { ...privacyRequestKey(id), kind: "privacyRequest", ...list, ...request };
}

/** What arrived when a shop passes a request on. */
export type PrivacyIntake = Extract<Intake, { type: "privacy" }>;

/** Both the GDPR and Shopify give a month; thirty days are within either. */
const daysToAnswer = 30;

/**
 * The record of a request. One for access stays open until somebody has answered it, that of a shop until the walk through
 * all contacts is over; an erasure is begun in the same breath.
 */
export function newPrivacyRequest(
  { intakeId: id, receivedAt, payload }: PrivacyIntake,
  contactIds: readonly string[],
): PrivacyRequest {
  const { request: type, source, shop, reference } = payload;
  const dueAt = new Date(Date.parse(receivedAt) + daysToAnswer * 86_400_000).toISOString();
  const whose = { id, type, source, receivedAt, dueAt, contactIds: [...contactIds], version: 1 };
  const named = { ...(shop !== undefined && { shop }), ...(reference !== undefined && { reference }) };
  const isDone = type === "erasure" || (type === "access" && contactIds.length === 0);
  return {
    ...whose,
    ...named,
    ...(isDone ? { state: "done", doneAt: receivedAt, doneBy: "Rapport" } : { state: "open" }),
    ...(type === "shop" && { erased: 0, walk: { shard: 0 } }),
  };
}

/** A request for access that somebody has answered, or has not after all; the same one when it is in that state already. */
export function answered(
  { doneAt: _, doneBy: __, ...request }: PrivacyRequest,
  by: string | undefined,
  now: Date,
): PrivacyRequest {
  const done = by !== undefined && { doneAt: now.toISOString(), doneBy: by };
  return { ...request, state: by === undefined ? "open" : "done", ...done, version: request.version + 1 };
}

/** What one page of the walk did. */
export interface ShopPage {
  readonly erased: number;
  /** The place after which the shard's next page begins; undefined after its last. */
  readonly next: string | undefined;
}

/** The erasure of a shop after one page: the next one of the shard, the next shard, or none. */
export function afterShopPage(request: PrivacyRequest, page: ShopPage, shards: number, now: Date): PrivacyRequest {
  const { walk, ...rest } = request;
  if (walk === undefined) return request;
  const next = { ...rest, erased: (request.erased ?? 0) + page.erased, version: request.version + 1 };
  if (page.next !== undefined) return { ...next, walk: { shard: walk.shard, after: page.next } };
  if (walk.shard + 1 < shards) return { ...next, walk: { shard: walk.shard + 1 } };
  return { ...next, state: "done", doneAt: now.toISOString(), doneBy: "Rapport" };
}

/** What of a timeline follows from what others told: alone it makes nobody known beyond the shop. */
const ownSources: ReadonlySet<string> = new Set(["mail", "page", "journey", "consent", "segments", "webhooks"]);

/** Whether an event of this source says that somebody is known by more than one shop. */
export function isBeyondShop(source: string, shop: string): boolean {
  return source !== shop && !ownSources.has(source);
}

/** What administrators see of a request. */
export const privacyRequestViewSchema = z.object({
  ...z.omit(privacyRequestSchema, { walk: true, shop: true, reference: true, erased: true, doneAt: true, doneBy: true })
    .shape,
  shop: z.nullable(z.string()),
  reference: z.nullable(z.string()),
  erased: z.nullable(z.number()),
  doneAt: z.nullable(z.string()),
  doneBy: z.nullable(z.string()),
});

export function viewOfPrivacyRequest({
  walk: _,
  ...request
}: PrivacyRequest): z.infer<typeof privacyRequestViewSchema> {
  const { shop = null, reference = null, erased = null, doneAt = null, doneBy = null } = request;
  return { ...request, shop, reference, erased, doneAt, doneBy };
}
