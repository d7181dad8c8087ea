import type { Contact } from "../contacts/contact.ts";
import { listContacts } from "../contacts/contact-list-store.ts";
import { forEachConcurrently } from "../stream/concurrency.ts";
import type { Table } from "../table/client.ts";
import { readBases } from "./definition-store.ts";
import { dependenciesOf } from "./dependencies.ts";
import { evaluate } from "./evaluate.ts";
import { segmentContactSchema } from "./facts.ts";
import { needsOf, readFacts } from "./facts-store.ts";
import { readHeld } from "./membership-store.ts";
import type { Rule } from "./rule.ts";

/** A preview looks at so many contacts at most: those with the newest activity. */
export const previewBound = 1_000;
const shownMembers = 20;
const pageSize = 100;
const concurrency = 16;

export interface Preview {
  /** Members among the contacts looked at. */
  readonly count: number;
  readonly scanned: number;
  /** Whether every contact there is was looked at. */
  readonly complete: boolean;
  readonly members: readonly Contact[];
}

/** Who would be in a segment with a rule, without saving it. */
export async function previewSegment(table: Table, rule: Rule, now: Date): Promise<Preview> {
  const bases = await readBases(table, [dependenciesOf(rule)]);
  let scanned = 0;
  let cursor: string | undefined;
  const members: Contact[] = [];
  do {
    const page = await listContacts(table, { limit: pageSize, cursor });
    members.push(...(await membersAmong(table, page.items, { rule, bases, now })));
    scanned += page.items.length;
    cursor = page.nextCursor;
  } while (cursor !== undefined && scanned < previewBound);
  return { count: members.length, scanned, complete: cursor === undefined, members: members.slice(0, shownMembers) };
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
  const faults: unknown[] = [];
  await forEachConcurrently(contacts, concurrency, async (contact) => {
    try {
      const memberOf = dependencies.segments.size > 0 ? await segmentsOf(table, contact.contactId) : new Set<string>();
      const facts = await readFacts(table, segmentContactSchema.parse(contact), needs, memberOf, now);
      if (evaluate(rule, { ...facts, ...bases }, now).member) members.add(contact);
    } catch (error) {
      faults.push(error);
    }
  });
  if (faults.length > 0) throw new AggregateError(faults, "a preview failed");
  return contacts.filter((contact) => members.has(contact));
}

async function segmentsOf(table: Table, contactId: string): Promise<ReadonlySet<string>> {
  const { memberships } = await readHeld(table, contactId);
  return new Set([...memberships.values()].filter(({ state }) => state === "in").map(({ segmentId }) => segmentId));
}
