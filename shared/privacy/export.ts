import * as z from "zod/mini";
import { emailOfIdentity } from "../contacts/identity.ts";
import type { Item, ItemKind } from "../table/item.ts";

const record = z.record(z.string(), z.unknown());
const records = z.array(record);

/**
 * A page of all that is held on a person. The pages of one export are parts of one document: their lists follow one
 * another, and the profile stands in one of them.
 */
export const exportSchema = z.object({
  contactId: z.string(),
  exportedAt: z.iso.datetime(),
  profile: z.nullable(record),
  /** By what the person is known: addresses, accounts at shops, hashes of browser, cart and checkout ids. */
  identities: records,
  /** Of each address: what was asked, agreed and withdrawn, on which basis, in which words, when and by whom. */
  consents: records,
  /** That an address gets no mail, and temporary bounces. */
  suppressions: records,
  timeline: records,
  /** The ledger: each mail that was sent or skipped. */
  mails: records,
  /** Runs of journeys. */
  journeys: records,
  segments: records,
  tasks: records,
  /** What arrived, as it arrived; it is kept for 90 days. */
  received: records,
  /** Mails and webhooks that wait. */
  waiting: records,
  /** Everything else, with its kind. */
  other: records,
  nextCursor: z.nullable(z.string()),
});
export type Export = z.output<typeof exportSchema>;
type Section = Exclude<keyof Export, "contactId" | "exportedAt" | "profile" | "nextCursor">;

const sections: Partial<Record<ItemKind, Section>> = {
  identity: "identities",
  joined: "identities",
  consent: "consents",
  suppression: "suppressions",
  softBounces: "suppressions",
  event: "timeline",
  message: "mails",
  run: "journeys",
  membership: "segments",
  task: "tasks",
  intake: "received",
  due: "waiting",
};

/** What only leads to another item, or says of one that it is gone. */
const leads: ReadonlySet<ItemKind> = new Set(["taskReference", "repeated", "erasedIntake"]);

/** A page of an export of some items; a kind that is not known here is shown among the others, so that nothing is left out. */
export function exportOf(
  items: readonly Item[],
  about: Pick<Export, "contactId" | "exportedAt" | "nextCursor">,
): Export {
  const lists = emptyLists();
  let profile: Export["profile"] = null;
  for (const item of items.filter(({ kind }) => !leads.has(kind))) {
    const section = sections[item.kind];
    if (item.kind === "contact") profile = wordsOf(item);
    else if (section === undefined) lists.other.push({ kind: item.kind, ...wordsOf(item) });
    else lists[section].push(section === "identities" ? identityOf(item) : wordsOf(item));
  }
  return { ...about, profile, ...lists };
}

function emptyLists(): Record<Section, Record<string, unknown>[]> {
  return {
    identities: [],
    consents: [],
    suppressions: [],
    timeline: [],
    mails: [],
    journeys: [],
    segments: [],
    tasks: [],
    received: [],
    waiting: [],
    other: [],
  };
}

/** An item without where it stands in the table. */
function wordsOf({ pk: _, sk: __, kind: ___, gsi1pk: ____, gsi1sk: _____, ...words }: Item): Record<string, unknown> {
  return words;
}

const accountPattern = /^IDENTITY#user#([^#]*)#(.*)$/s;

function identityOf(item: Item): Record<string, unknown> {
  const email = emailOfIdentity(item.pk);
  if (email !== undefined) return { type: "email", email };
  const [, source, userId] = accountPattern.exec(item.pk) ?? [];
  if (userId !== undefined) return { type: "account", source, userId };
  return { type: "browser, cart or checkout", hash: item.pk.slice(item.pk.indexOf("#") + 1) };
}
