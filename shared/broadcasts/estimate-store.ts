import { readConsent } from "../consent/consent-store.ts";
import type { ConsentPolicy } from "../consent/policy.ts";
import type { Contact } from "../contacts/contact.ts";
import { addressHash } from "../contacts/email-address.ts";
import type { TemplateOf } from "../email/compose.ts";
import { maySend } from "../email/may-send.ts";
import { recipientOf } from "../email/recipient.ts";
import { readSuppression } from "../email/suppression-store.ts";
import { countMembers, listMembers } from "../segments/membership-store.ts";
import type { Table } from "../table/client.ts";
import { type Broadcast, variantFor } from "./broadcast.ts";

/** Members are counted exactly up to about so many; so many of them are looked at. */
const countBound = 20_000;
const sampleSize = 100;

export interface Estimate {
  readonly members: { readonly count: number; readonly exact: boolean };
  /** Of the members looked at, how many marketing mail may reach now, and why not the others. */
  readonly sample: {
    readonly size: number;
    readonly reachable: number;
    readonly skipped: Readonly<Record<string, number>>;
  };
}

export interface EstimateDependencies {
  readonly table: Table;
  readonly templateOf: TemplateOf;
  readonly consentPolicy: ConsentPolicy;
  readonly now: () => Date;
}

/** How many a broadcast would reach, each by the topic of its variant; some 250 read units. */
export async function estimate(deps: EstimateDependencies, broadcast: Broadcast): Promise<Estimate> {
  const { table, templateOf } = deps;
  const { segmentId, variants } = broadcast;
  const templates = await Promise.all(variants.map(({ templateId }) => templateOf(templateId)));
  const topicOf = ({ contactId }: Contact) => {
    const drawn = variants.findIndex(({ id }) => id === variantFor(broadcast, contactId)?.id);
    return templates[Math.max(0, drawn)]?.topic;
  };
  const [members, { items }] = await Promise.all([
    countMembers(table, segmentId, countBound),
    listMembers(table, segmentId, { limit: sampleSize }),
  ]);
  const reasons = await Promise.all(items.map((contact) => reasonAgainst(deps, contact, topicOf(contact))));
  const skipped: Record<string, number> = {};
  for (const reason of reasons) if (reason !== undefined) skipped[reason] = (skipped[reason] ?? 0) + 1;
  const reachable = reasons.filter((reason) => reason === undefined).length;
  return { members, sample: { size: items.length, reachable, skipped } };
}

async function reasonAgainst(
  { table, consentPolicy, ...deps }: EstimateDependencies,
  contact: Contact,
  topic: string | undefined,
): Promise<string | undefined> {
  const now = deps.now();
  const recipient = recipientOf(contact);
  const hash = recipient && addressHash(recipient.address);
  const [suppression, consent] = await Promise.all([
    hash === undefined ? undefined : readSuppression(table, hash),
    hash === undefined ? undefined : readConsent(table, hash),
  ]);
  const verdict = maySend({
    stream: "marketing",
    topic,
    asksForConsent: false,
    erased: false,
    reachable: recipient !== undefined,
    suppression,
    consent,
    gate: "open",
    policy: consentPolicy,
    relation: recipient?.relation,
    notAfter: now,
    now,
  });
  return verdict.send === false ? verdict.reason : undefined;
}
