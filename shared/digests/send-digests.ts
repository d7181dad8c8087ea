import type { MailQueue } from "../email/mail-queue.ts";
import type { TokenKeys } from "../email/tokens.ts";
import type { Kpi } from "../kpis/kpi.ts";
import { rollUp } from "../kpis/roll-up.ts";
import type { Slice } from "../kpis/target.ts";
import type { Table } from "../table/client.ts";
import { keepDefaults } from "./default-store.ts";
import { digestOf, type Findings } from "./digest.ts";
import { gatherFindings } from "./gather-digest.ts";
import { dueOccasion, type Occasion } from "./occasion.ts";
import { type DigestMaking, digestMail } from "./prepare-digest.ts";
import { stopPath } from "./stop-link.ts";
import type { Manager, Subscription } from "./subscription.ts";
import { markSent } from "./subscription-store.ts";

export interface SendDigests extends DigestMaking {
  readonly table: Table;
  readonly kpis: () => Promise<readonly Kpi[]>;
  readonly now: Date;
  /** The managers of the configuration, and the hour of their digest. */
  readonly managers: readonly Manager[];
  readonly hour: number;
  /** Base of the links in mails, without a slash at its end. */
  readonly publicUrl: string;
  readonly tokenKeys: () => Promise<TokenKeys>;
  readonly sendMail: MailQueue;
  readonly correlationId: string;
}

/** Dates that a digest counts before it tells of them; while history is counted, older ones wait for the hourly roll-up. */
const freshDates = 31;

/**
 * Hands every digest that is due to the mail queue, and notes that. After a crash anywhere the next run asks again for
 * what was not noted: the message key is the digest and its local date, of which the ledger lets one through. What cannot
 * be made for one recipient keeps nobody else's back.
 *
 * @throws AggregateError of what failed, once all others are sent
 */
export async function sendDigests(options: SendDigests): Promise<{ readonly due: number }> {
  const { table, timeZone, now } = options;
  const { subscriptions, sentFor } = await keepDefaults(options);
  const due = subscriptions.flatMap((subscription) => {
    const occasion = dueOccasion(subscription, sentFor.get(subscription.id), timeZone, now);
    return occasion === undefined ? [] : [{ subscription, occasion }];
  });
  if (due.length === 0) return { due: 0 };
  await rollUp({ table, kpis: options.kpis, timeZone, most: freshDates, keepsMarks: true, now: () => now });
  const kpis = await options.kpis();
  const found = new Map<string, Promise<Findings>>();
  const findingsFor = (slice: Slice | undefined) => {
    const name = JSON.stringify([slice?.by, slice?.group]);
    const known = found.get(name) ?? gatherFindings({ table, kpis, timeZone, now, slice, fresh: true });
    found.set(name, known);
    return known;
  };
  const failures: Error[] = [];
  for (const { subscription, occasion } of due) {
    try {
      await send(options, subscription, occasion, await findingsFor(subscription.slice));
    } catch (error) {
      failures.push(new Error(`the digest ${subscription.id} failed`, { cause: error }));
    }
  }
  // The log shows an error's cause, and not the members of an aggregate.
  const [cause] = failures;
  if (cause !== undefined)
    throw new AggregateError(failures, `${failures.length} of ${due.length} digests failed`, { cause });
  return { due: due.length };
}

async function send(options: SendDigests, subscription: Subscription, { date }: Occasion, findings: Findings) {
  const { table, publicUrl, tokenKeys, sendMail, correlationId } = options;
  const { id, recipient, kpis } = subscription;
  const stopUrl = `${publicUrl}${stopPath(await tokenKeys(), subscription)}`;
  const content = await digestMail(digestOf(findings, kpis), subscription, { ...options, stopUrl });
  await sendMail({ owner: { staff: recipient }, messageKey: `digest-${id}-${date}`, content, correlationId });
  await markSent(table, id, date);
}
