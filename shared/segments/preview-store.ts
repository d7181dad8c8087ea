import type { Contact } from "../contacts/contact.ts";
import { getContacts, type ListPlace, listShardAfter, placesAcross } from "../contacts/contact-list-store.ts";
import { wilson } from "../results/lift.ts";
import { attemptEach } from "../stream/concurrency.ts";
import type { Table } from "../table/client.ts";
import type { Key } from "../table/item.ts";
import { readBases } from "./definition-store.ts";
import { dependenciesOf } from "./dependencies.ts";
import { evaluate } from "./evaluate.ts";
import { segmentContactSchema } from "./facts.ts";
import { needsOf, readFacts } from "./facts-store.ts";
import { readHeld } from "./membership-store.ts";
import type { Rule } from "./rule.ts";

/** A preview looks at so many contacts at most. */
export const previewBound = 1_000;
const shownMembers = 20;
/** Contacts that stand side by side in the list have much in common, so they are taken from many places of it. */
const mostPlaces = 100;
const concurrency = 16;

export interface Preview {
  /** Members among the contacts looked at. */
  readonly count: number;
  readonly scanned: number;
  /** Whether every contact there is was looked at. */
  readonly complete: boolean;
  /** Members among all contacts: the same share of them, with its interval of 95 % as of a random sample. */
  readonly estimate: { readonly members: number; readonly low: number; readonly high: number };
  /** Contacts there are. */
  readonly contacts: number;
  readonly members: readonly Contact[];
}

/**
 * Who would be in a segment with a rule, without saving it. Of more contacts than the bound a sample is looked at: some
 * from each of many places at even distances in the list by activity, the least active and the newest among them.
 */
export async function previewSegment(table: Table, rule: Rule, now: Date): Promise<Preview> {
  const bases = await readBases(table, [dependenciesOf(rule)]);
  const whole = await placesAcross(table);
  const contacts = whole.reduce((sum, { count }) => sum + count, 0);
  const complete = contacts <= previewBound;
  const places = complete ? whole : await placesAcross(table, Math.ceil(contacts / mostPlaces));
  const scanned = await contactsFrom(table, places, complete ? previewBound : Math.floor(previewBound / places.length));
  const members = await membersAmong(table, scanned, { rule, bases, now });
  const share = members.length / Math.max(1, scanned.length);
  const { low, high } = complete ? { low: share, high: share } : wilson(members.length, scanned.length);
  return {
    count: members.length,
    scanned: scanned.length,
    complete,
    contacts,
    estimate: {
      members: Math.round(share * contacts),
      // The members that were seen are there.
      low: Math.max(members.length, Math.floor(low * contacts)),
      high: Math.ceil(high * contacts),
    },
    members: members.toSorted(byActivity).slice(0, shownMembers),
  };
}

async function contactsFrom(table: Table, places: readonly ListPlace[], limit: number): Promise<Contact[]> {
  const entries: Key[] = [];
  await attemptEach(places, concurrency, async (place) => {
    entries.push(...(await listShardAfter(table, place, limit)));
  });
  return getContacts(table, entries);
}

function byActivity(a: Contact, b: Contact): number {
  return (b.lastActivityAt ?? "").localeCompare(a.lastActivityAt ?? "");
}

async function membersAmong(
  table: Table,
  contacts: readonly Contact[],
  {
    rule,
    bases,
    now,
  }: { readonly rule: Rule; readonly bases: Awaited<ReturnType<typeof readBases>>; readonly now: Date },
): Promise<Contact[]> {
  const dependencies = dependenciesOf(rule);
  const needs = needsOf([dependencies]);
  const members = new Set<Contact>();
  await attemptEach(contacts, concurrency, async (contact) => {
    const memberOf = dependencies.segments.size > 0 ? await segmentsOf(table, contact.contactId) : new Set<string>();
    const facts = await readFacts(table, segmentContactSchema.parse(contact), needs, memberOf, now);
    if (evaluate(rule, { ...facts, ...bases }, now).member) members.add(contact);
  });
  return contacts.filter((contact) => members.has(contact));
}

async function segmentsOf(table: Table, contactId: string): Promise<ReadonlySet<string>> {
  const { memberships } = await readHeld(table, contactId);
  return new Set([...memberships.values()].filter(({ state }) => state === "in").map(({ segmentId }) => segmentId));
}
