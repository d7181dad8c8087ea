import * as z from "zod/mini";
import { digestOf, shardOf } from "../table/hash.ts";
import { keySchema } from "../table/item.ts";
import { type Fact, factSchema } from "./fact.ts";

/** Partitions of one UTC date: each takes 1,000 writes a second. */
export const entryShards = 4;

/**
 * One fact that KPIs count. It holds no contact id, so erasing a person leaves the counts right;
 * `person` is a one-way hash of a random id, which tells two people of one instant apart.
 */
export const kpiEntrySchema = z.extend(keySchema, {
  kind: z.literal("kpiEntry"),
  fact: factSchema,
  /** The instant whose day the fact belongs to, ISO 8601 UTC. */
  at: z.iso.datetime(),
  person: z.string(),
  /** What of the fact KPIs select, slice and measure by (`fact.ts`). */
  properties: z._default(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])), {}),
  /** Of a fact that is worked out from several events: how many of them were known. Who knew more is right. */
  version: z.optional(z.number()),
  /** It stood once and does not any more: a deal that was opened again, a day that a cost has left. */
  withdrawn: z.optional(z.literal(true)),
  /** Written while history was walked, whose days are counted when the walk is over. */
  walked: z.optional(z.literal(true)),
});
export type KpiEntry = z.infer<typeof kpiEntrySchema>;

/** What of a contact makes KPI entries. */
export const milestonesSchema = z.object({
  contactId: z.string(),
  leadAt: z.optional(z.string()),
  customerAt: z.optional(z.string()),
  leadSource: z.optional(z.string()),
  leadForm: z.optional(z.string()),
});
export type Milestones = z.infer<typeof milestonesSchema>;

/**
 * The entries that a contact's milestones stand for. A conversion is kept on the day of its lead: the cohort's day.
 * A customer who was a lead later than a customer (support asks through a form, say) converted nothing.
 */
export function entriesOf({ contactId, leadAt, customerAt, leadSource, leadForm }: Milestones): readonly KpiEntry[] {
  const person = personOf(contactId);
  const whence = { source: leadSource, form: leadForm };
  const entry = (fact: Fact, at: string, properties: Told = {}) =>
    entryOf({ fact, at, person, id: person, properties });
  const entries: KpiEntry[] = [];
  if (leadAt !== undefined) entries.push(entry("lead", leadAt, whence));
  if (customerAt !== undefined) entries.push(entry("customer", customerAt));
  if (leadAt !== undefined && customerAt !== undefined && customerAt >= leadAt) {
    entries.push(entry("conversion", leadAt, { ...whence, lag: lagBetween(leadAt, customerAt) }));
  }
  return entries;
}

/** Who a fact is about: tells people apart and names none. */
export function personOf(contactId: string): string {
  return digestOf(["kpi", contactId], 16);
}

/** Seconds from one instant to a later one; undefined when the later one comes first, which measures nothing. */
export function lagBetween(from: string, to: string): number | undefined {
  const lag = (Date.parse(to) - Date.parse(from)) / 1000;
  return lag < 0 ? undefined : lag;
}

type Told = Readonly<Record<string, string | number | boolean | undefined>>;

export interface EntryFacts {
  readonly fact: Fact;
  readonly at: string;
  readonly person: string;
  /** What makes the fact one fact, beside its name and instant. */
  readonly id: string;
  readonly properties?: Told;
  readonly version?: number;
  readonly withdrawn?: boolean;
}

/** Longer texts are no names to slice by, and an entry is to cost one write unit. */
const longestText = 100;

/** The entry of a fact; the same fact gives the same key. */
export function entryOf({ fact, at, person, id, properties = {}, version, withdrawn }: EntryFacts): KpiEntry {
  const known = Object.entries(properties).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, typeof value === "string" ? value.slice(0, longestText) : value] as const],
  );
  return {
    pk: entryPartition(at.slice(0, 10), shardOf(person, entryShards)),
    sk: `${at}#${fact}#${id}`,
    kind: "kpiEntry",
    fact,
    at,
    person,
    properties: Object.fromEntries(known),
    ...(version !== undefined && { version }),
    ...(withdrawn && { withdrawn }),
  };
}

export function entryPartition(utcDate: string, shard: number): string {
  return `KPI#${utcDate}#${shard}`;
}

/** The UTC date in an entry's partition key. */
export function utcDateOf(entryKey: { readonly pk: string }): string {
  const date = /^KPI#(\d{4}-\d{2}-\d{2})#\d+$/.exec(entryKey.pk)?.[1];
  if (date === undefined) throw new Error("not the key of a KPI entry");
  return date;
}
