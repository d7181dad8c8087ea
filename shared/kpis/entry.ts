import * as z from "zod/mini";
import { digestOf, shardOf } from "../table/hash.ts";
import { keySchema } from "../table/item.ts";
import { facts } from "./kpi.ts";

/** Partitions of one UTC date: each takes 1,000 writes a second. */
export const entryShards = 4;

/**
 * One fact that KPIs count. It holds no contact id, so erasing a person leaves the counts right;
 * `person` is a one-way hash of a random id, which tells two people of one instant apart.
 */
export const kpiEntrySchema = z.extend(keySchema, {
  kind: z.literal("kpiEntry"),
  fact: z.enum(facts),
  /** The instant whose day the fact belongs to, ISO 8601 UTC. */
  at: z.iso.datetime(),
  person: z.string(),
  /** Of a conversion: milliseconds from becoming a lead to becoming a customer. */
  after: z.optional(z.number()),
});
export type KpiEntry = z.infer<typeof kpiEntrySchema>;

/** What of a contact makes KPI entries. */
export const milestonesSchema = z.object({
  contactId: z.string(),
  leadAt: z.optional(z.string()),
  customerAt: z.optional(z.string()),
});
export type Milestones = z.infer<typeof milestonesSchema>;

/**
 * The entries that a contact's milestones stand for. A conversion is kept on the day of its lead: the cohort's day.
 * A customer who was a lead later than a customer (support asks through a form, say) converted nothing.
 */
export function entriesOf({ contactId, leadAt, customerAt }: Milestones): readonly KpiEntry[] {
  const person = digestOf(["kpi", contactId], 16);
  const entries: KpiEntry[] = [];
  if (leadAt !== undefined) entries.push(entryOf("lead", leadAt, person));
  if (customerAt !== undefined) entries.push(entryOf("customer", customerAt, person));
  if (leadAt !== undefined && customerAt !== undefined && customerAt >= leadAt) {
    entries.push({ ...entryOf("conversion", leadAt, person), after: Date.parse(customerAt) - Date.parse(leadAt) });
  }
  return entries;
}

function entryOf(fact: KpiEntry["fact"], at: string, person: string): KpiEntry {
  const date = at.slice(0, 10);
  return {
    pk: entryPartition(date, shardOf(person, entryShards)),
    sk: `${at}#${fact}#${person}`,
    kind: "kpiEntry",
    fact,
    at,
    person,
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
