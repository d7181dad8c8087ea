import * as z from "zod/mini";

/**
 * A set of people that is as large as it gets and then stops growing: the smallest of their hashes, in order, each of
 * twelve hexadecimal digits, joined. Sets of parts make the set of the whole. Up to 2,048 people it counts exactly;
 * beyond, from how densely the smallest lie, with a standard error of 2.2 %.
 *
 * Source: Bar-Yossef et al., "Counting Distinct Elements in a Data Stream" (2002), k minimum values.
 */
export type Distinct = string;

/** A set as it is kept, of eight characters a person. */
export function packDistinct(set: Distinct): string {
  return Buffer.from(set, "hex").toString("base64");
}

export const packedDistinctSchema = z.pipe(
  z.string(),
  z.transform((kept): Distinct => Buffer.from(kept, "base64").toString("hex")),
);

const digits = 12;
const most = 2048;
const range = 16 ** digits;

/** @param hashes hexadecimal, of at least twelve digits, spread evenly */
export function distinctOf(hashes: Iterable<string>): Distinct {
  const heads = new Set([...hashes].map((hash) => hash.slice(0, digits)));
  return [...heads].sort().slice(0, most).join("");
}

export function unionOf(sets: readonly Distinct[]): Distinct {
  return distinctOf(sets.flatMap(membersOf));
}

export function sizeOfDistinct(set: Distinct): number {
  const members = membersOf(set);
  const last = members.at(-1);
  if (last === undefined || members.length < most) return members.length;
  return Math.round((most - 1) / (Number.parseInt(last, 16) / range));
}

/** How many people are in a set, and how many of them are not in a later one; beyond 2,048 people by an even sample. */
export function lossBetween(before: Distinct, after: Distinct): { readonly active: number; readonly lost: number } {
  const members = membersOf(before);
  const later = membersOf(after);
  const reach = reachOf(after);
  const known = reach === undefined ? members : members.filter((member) => member <= reach);
  const still = new Set(later);
  const gone = known.filter((member) => !still.has(member)).length;
  const active = sizeOfDistinct(before);
  return { active, lost: known.length === 0 ? 0 : Math.round((active * gone) / known.length) };
}

/** The hash beyond which a full set says nothing; undefined of one that has room. */
export function reachOf(set: Distinct): string | undefined {
  return set.length < most * digits ? undefined : set.slice(-digits);
}

export function membersOf(set: Distinct): readonly string[] {
  return Array.from({ length: set.length / digits }, (_, at) => set.slice(at * digits, (at + 1) * digits));
}
