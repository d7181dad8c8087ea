import { addDays, instantsOf } from "../kpis/calendar.ts";
import type { Table } from "../table/client.ts";
import { type Cost, costOf, type MailPrice, roiOf } from "./cost.ts";
import { readCost } from "./cost-store.ts";
import { type Counts, type LineCounts, sumLines, totalOf } from "./counts.ts";
import { type Lift, liftOf } from "./lift.ts";
import type { CampaignName } from "./mail-fact.ts";
import { readDays } from "./result-day-store.ts";

/** What results depend on beside what happened. */
export interface ResultAccount {
  readonly timeZone: string;
  readonly attributionDays: number;
  readonly mailPrice: MailPrice;
}

/** Local days, both included. */
export interface DayRange {
  readonly from: string;
  readonly to: string;
}

/** Shares of the mails sent (of those delivered for opens and what follows); null of none. */
export interface Rates {
  readonly delivered: number | null;
  readonly bounced: number | null;
  readonly opened: number | null;
  readonly clicked: number | null;
  readonly unsubscribed: number | null;
  readonly complained: number | null;
  readonly converted: number | null;
}

type Shown<Of extends Counts> = Omit<Of, "trial"> & { readonly rates: Rates };

/** A campaign's results: what became of the mails that were asked for on the days of the range. */
export interface Results {
  readonly campaign: CampaignName;
  readonly from: string;
  readonly to: string;
  /** When the newest of its days was counted; null when nothing has been. */
  readonly asOf: string | null;
  /** Whether every mail of the range has had its whole window for orders. */
  readonly complete: boolean;
  readonly totals: Shown<Counts>;
  /** By version, step, variant and template. */
  readonly lines: readonly Shown<LineCounts>[];
  /** Null when nobody was held out. */
  readonly lift: Lift | null;
  readonly cost: Cost;
  readonly roi: number | null;
}

/** Reads a campaign's results over some days: one Query and one Get, whatever the number of mails. */
export async function readResults(
  { table, account, now }: { readonly table: Table; readonly account: ResultAccount; readonly now: Date },
  campaign: CampaignName,
  { from, to }: DayRange,
): Promise<Results> {
  const [days, entered] = await Promise.all([readDays(table, campaign, { from, to }), readCost(table, campaign)]);
  const lines = sumLines(days.map((day) => day.lines));
  const totals = totalOf(lines);
  const cost = costOf(entered, { from, to }, totals, account.mailPrice);
  const over = instantsOf({ start: from, end: addDays(to, 1) }, account.timeZone).to.getTime();
  return {
    campaign: { type: campaign.type, id: campaign.id },
    from,
    to,
    asOf:
      days
        .map(({ asOf }) => asOf)
        .sort()
        .at(-1) ?? null,
    complete: now.getTime() >= over + account.attributionDays * 86_400_000,
    totals: shown(totals),
    lines: lines.map(shown),
    lift: liftOf(totals.trial),
    cost,
    roi: roiOf(cost, totals),
  };
}

function shown<Of extends Counts>({ trial: _trial, ...counts }: Of): Shown<Of> {
  const { sent, delivered, bounced, opened, clicked, unsubscribed, complained, converted } = counts;
  const ofSent = (count: number) => (sent === 0 ? null : count / sent);
  const ofDelivered = (count: number) => (delivered === 0 ? null : count / delivered);
  return {
    ...counts,
    rates: {
      delivered: ofSent(delivered),
      bounced: ofSent(bounced),
      opened: ofDelivered(opened),
      clicked: ofDelivered(clicked),
      unsubscribed: ofDelivered(unsubscribed),
      complained: ofDelivered(complained),
      converted: ofDelivered(converted),
    },
  };
}
