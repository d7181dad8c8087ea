import * as z from "zod/mini";
import type { LedgerEntry } from "../email/ledger.ts";
import { outcomeOf, outcomes } from "../email/outcome.ts";
import { digestOf, shardOf } from "../table/hash.ts";
import { expiryAfter, type Key } from "../table/item.ts";
import { messageKeyOf } from "./broadcast.ts";

/** Partitions of a broadcast's progress: read side by side, each takes the mails of 1,000 contacts a second. */
export const progressShards = 4;
/** How long a mail is counted. */
const keptDays = 400;

/** What became of one mail. It names no contact, so that erasure leaves the counts right. */
export const progressSchema = z.object({
  version: z.number(),
  variant: z.string(),
  outcome: z.enum(outcomes),
  reason: z.optional(z.string()),
});
export type Progress = z.output<typeof progressSchema>;

export function progressPk(broadcastId: string, shard: number): string {
  return `PROGRESS#broadcast#${broadcastId}#${shard}`;
}

/** The one item that stands for a mail in the counts; undefined for other mail, and while it has no outcome. */
export function progressItem(
  entry: LedgerEntry,
  now: Date,
): (Key & Progress & { readonly kind: "broadcastProgress"; readonly expiresAt: number }) | undefined {
  const { campaign, messageKey, pk, sk, version, reason } = entry;
  const outcome = outcomeOf(entry.state);
  if (campaign?.type !== "broadcast" || messageKey !== messageKeyOf(campaign.id) || outcome === undefined)
    return undefined;
  const id = digestOf([pk, sk]);
  return {
    pk: progressPk(campaign.id, shardOf(id, progressShards)),
    sk: id,
    kind: "broadcastProgress",
    version,
    variant: campaign.variant ?? "",
    outcome,
    ...(outcome !== "sent" && reason !== undefined && { reason }),
    expiresAt: expiryAfter(now, keptDays),
  };
}

const countsSchema = z.object({
  sent: z.number(),
  failed: z.number(),
  /** Handed to SES, which never said what became of them. */
  unconfirmed: z.number(),
  /** Not sent, by reason. */
  skipped: z.record(z.string(), z.number()),
});
export type Counts = z.output<typeof countsSchema>;

/** What became of the mails so far, in all and by variant. */
export const reportSchema = z.extend(countsSchema, { variants: z.record(z.string(), countsSchema) });
export type Report = z.output<typeof reportSchema>;

const nothing = (): Counts => ({ sent: 0, failed: 0, unconfirmed: 0, skipped: {} });

/** Counts mails into a report, in place: there are as many as there are members. */
export function createReport(): { add(progress: Progress): void; readonly report: Report } {
  const variants: Record<string, Counts> = {};
  const report: Report = { ...nothing(), variants };
  function count(counts: Counts, { outcome, reason = "" }: Progress): void {
    if (outcome === "skipped") counts.skipped[reason] = (counts.skipped[reason] ?? 0) + 1;
    else counts[outcome]++;
  }
  return {
    report,
    add(progress) {
      const ofVariant = variants[progress.variant] ?? nothing();
      variants[progress.variant] = ofVariant;
      count(report, progress);
      count(ofVariant, progress);
    },
  };
}

/** The mails that have come to an end. */
export function endedOf({ sent, failed, unconfirmed, skipped }: Counts): number {
  return sent + failed + unconfirmed + Object.values(skipped).reduce((sum, count) => sum + count, 0);
}
