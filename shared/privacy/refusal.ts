import { createHmac } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import * as z from "zod/mini";
import { actsOf, type Consent } from "../consent/consent.ts";
import { type Act, standingsOf } from "../consent/standing.ts";
import { everyTopic } from "../consent/topics.ts";
import { suppressionSchema } from "../email/suppression.ts";
import type { Key } from "../table/item.ts";

/**
 * What outlives an erasure: that the owner of an address was erased, and that it must get no mail, under a keyed hash of
 * it. Without the key nobody can tell whose it is; with it, an address that turns up again is recognised.
 */
export const refusalSchema = z.object({
  suppression: z.optional(z.pick(suppressionSchema, { reason: true, at: true })),
  /** When its owner withdrew from each topic, or under `*` from all. */
  withdrawn: z._default(z.record(z.string(), z.string()), {}),
  /** The latest erasure of its owner: what happened before is the erased person's, whoever tells it and when. */
  erased: z.optional(z.object({ contactId: z.string(), at: z.string() })),
  version: z.number(),
});
export type Refusal = z.output<typeof refusalSchema>;

/** @param secret the account's own, kept in the table for this alone */
export function refusalKey(secret: string, addressHash: string): Key {
  return { pk: `REFUSAL#${createHmac("sha256", secret).update(addressHash).digest("hex")}`, sk: "REFUSAL" };
}

/** What is to be remembered of an address. */
export type Word = Partial<Pick<Refusal, "suppression" | "withdrawn" | "erased">>;

/** The refusal with one more word, the later withdrawal of each topic and erasure; undefined when that adds nothing. */
export function withRefusal(before: Refusal | undefined, word: Word): Refusal | undefined {
  const suppression = before?.suppression ?? word.suppression;
  const withdrawn = { ...before?.withdrawn };
  for (const [topic, at] of Object.entries(word.withdrawn ?? {})) {
    if (at > (withdrawn[topic] ?? "")) withdrawn[topic] = at;
  }
  const erased = laterOf(before?.erased, word.erased);
  const after = partsOf({ suppression, withdrawn, erased });
  const known = partsOf({ ...before, withdrawn: before?.withdrawn ?? {} });
  return isDeepStrictEqual(after, known) ? undefined : { ...after, version: (before?.version ?? 0) + 1 };
}

function laterOf(one: Refusal["erased"], other: Refusal["erased"]): Refusal["erased"] {
  return one !== undefined && (other === undefined || other.at <= one.at) ? one : other;
}

function partsOf({ suppression, withdrawn, erased }: Word & Pick<Refusal, "withdrawn">): Omit<Refusal, "version"> {
  return { ...(suppression !== undefined && { suppression }), withdrawn, ...(erased !== undefined && { erased }) };
}

/** The withdrawals that a consent ends with: where nothing has been granted since. In doubt they are all kept. */
export function withdrawalsIn(consent: Consent): Readonly<Record<string, string>> {
  const standings = standingsOf(actsOf(consent));
  return Object.fromEntries(
    Object.entries(standings).flatMap(([topic, { state, withdrawnAt }]) =>
      state === "granted" || withdrawnAt === undefined ? [] : [[topic, withdrawnAt] as const],
    ),
  );
}

/** The withdrawals as the person's own acts. */
export function actsOfWithdrawals(withdrawn: Readonly<Record<string, string>>): readonly Act[] {
  return Object.entries(withdrawn).map(([topic, at]) => ({
    type: "withdraw",
    at,
    by: "person",
    ...(topic !== everyTopic && { topics: [topic] }),
  }));
}
