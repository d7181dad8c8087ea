import * as z from "zod/mini";
import { lateSchema } from "../email/local-time.ts";
import { templateIdSchema } from "../email/templates/stored.ts";
import { segmentIdSchema } from "../segments/rule.ts";
import { digestOf } from "../table/hash.ts";
import type { Key } from "../table/item.ts";
import { fanOutSchema } from "./fan-out.ts";

/** Ids stand in ledger keys and in the tags of e-mails. */
export const broadcastIdSchema = z.string().check(z.regex(/^[A-Za-z0-9-]{1,40}$/, "the id of a broadcast"));

/** What results call the share that gets no mail. */
export const holdout = "holdout";

const variantSchema = z.strictObject({
  id: z.string().check(
    z.regex(/^[a-z0-9-]{1,20}$/, "small letters, digits and -, at most 20"),
    z.refine((id) => id !== holdout, "this name is for who gets no mail: use holdoutPercent"),
  ),
  templateId: templateIdSchema,
  /** Share of the members, of 100. */
  percent: z.number().check(z.gt(0), z.lte(100)),
});
export type Variant = z.output<typeof variantSchema>;

const inputShape = {
  name: z.string().check(z.trim(), z.minLength(1), z.maxLength(100)),
  segmentId: segmentIdSchema,
  /** One template, or several between which the members are split. */
  variants: z.array(variantSchema).check(z.minLength(1), z.maxLength(10)),
  /** Share of the members who get no mail, for comparison. */
  holdoutPercent: z._default(z.number().check(z.gte(0), z.lte(90)), 0),
  /** At most so many mails an hour; without it, as fast as the account may. */
  mailsPerHour: z.optional(z.number().check(z.int(), z.gte(60, "at least 60, one a minute"))),
  /** What templates merge: `{{ data.code }}`, or `offer` and `recommendations` as they are. */
  data: z._default(
    z
      .record(z.string().check(z.maxLength(60)), z.unknown())
      .check(z.refine((data) => JSON.stringify(data).length <= 2_000, "at most 2,000 characters as JSON")),
    {},
  ),
};

/** What a marketer writes. */
export const broadcastInputSchema = z.strictObject(inputShape).check(
  z.refine(
    ({ variants, holdoutPercent }) =>
      Math.abs(variants.reduce((sum, { percent }) => sum + percent, holdoutPercent) - 100) < 1e-6,
    { error: "the percents of the variants and holdoutPercent must add up to 100", path: ["variants"] },
  ),
  z.refine(({ variants }) => new Set(variants.map(({ id }) => id)).size === variants.length, {
    error: "two variants have the same id",
    path: ["variants"],
  }),
);
export type BroadcastInput = z.output<typeof broadcastInputSchema>;

/**
 * States in the table. A broadcast that is scheduled is `sending` with a start ahead: nothing has to happen at its start
 * but the first pages, which wait for it.
 */
export const broadcastStates = ["draft", "sending", "paused", "sent", "cancelled"] as const;

/** A broadcast as it stands in the table. */
export const broadcastSchema = z.object({
  ...inputShape,
  id: broadcastIdSchema,
  state: z.enum(broadcastStates),
  /** Counts what staff change; the ETag. */
  version: z.number(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  updatedBy: z.string(),
  /** When the first mail goes out at the earliest. */
  startsAt: z.optional(z.iso.datetime()),
  /** The local date and time that each contact gets it at. */
  local: z.optional(z.object({ date: z.string(), time: z.string(), late: lateSchema })),
  /** How far the walk over the members has come; absent in a draft. */
  fanOut: z.optional(fanOutSchema),
  endedAt: z.optional(z.iso.datetime()),
  /** Hash of the request that made it: the same Idempotency-Key with another request is a mistake. */
  requestHash: z.string(),
});
export type Broadcast = z.output<typeof broadcastSchema>;

export function broadcastKey(id: string): Key {
  return { pk: `BROADCAST#${id}`, sk: "BROADCAST" };
}

/** Index partition that lists all broadcasts, the newest last. */
export const broadcastsPk = "BROADCASTS";

/** The ledger key of a broadcast's mail to a contact: one for good, whatever page or repetition asks for it. */
export function messageKeyOf(id: string): string {
  return `broadcast-${id}`;
}

/** Which variant a contact gets: the same at every look; undefined for who is held out. */
export function variantFor(
  { id, variants }: Pick<Broadcast, "id" | "variants">,
  contactId: string,
): Variant | undefined {
  const draw = (Number.parseInt(digestOf(["broadcast", id, contactId], 8), 16) / 2 ** 32) * 100;
  let upTo = 0;
  return variants.find(({ percent }) => {
    upTo += percent;
    return draw < upTo;
  });
}

/** The states that staff see. */
export const shownStates = ["draft", "scheduled", "sending", "paused", "sent", "cancelled"] as const;

export function shownState({ state, startsAt }: Broadcast, now: Date): (typeof shownStates)[number] {
  return state === "sending" && isAhead(startsAt, now) ? "scheduled" : state;
}

/** Whether a broadcast's start is still to come. */
export function isAhead(startsAt: string | undefined, now: Date): boolean {
  return startsAt !== undefined && Date.parse(startsAt) > now.getTime();
}
