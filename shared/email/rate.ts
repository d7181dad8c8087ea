import * as z from "zod/mini";
import type { Key } from "../table/item.ts";

/** What SES allows the account. */
export interface RateLimits {
  readonly perSecond: number;
  readonly perDay: number;
}

/** The account's sending, shared by all processes: what is handed out of the rate and of the daily quota. */
export const rateSchema = z.object({
  version: z.number(),
  /** Start of the window that `taken` belongs to, in milliseconds. */
  window: z.number(),
  /** Mails a second of this window that processes hold. */
  taken: z.number(),
  /** Mails handed out, by UTC hour, for the last 24 hours. */
  hours: z.record(z.string(), z.number()),
  /** The same by UTC day, for what is bounced or complained of in proportion. */
  days: z.record(z.string(), z.number()),
});
export type Rate = z.output<typeof rateSchema>;

/** Where the account's sending stands; the guard's item stands beside it, so that one Query reads both. */
export const ratePk = "RATE#ses";
export const rateKey: Key = { pk: ratePk, sk: "RATE" };

/** How long a share of the rate is held: one write in this time for each process that sends. */
export const windowMilliseconds = 20_000;
const keptDays = 8;
const hour = 3_600_000;

export interface RateWish {
  readonly now: Date;
  readonly limits: RateLimits;
  /** Mails a second that the process wants in this window, beside what it holds. */
  readonly perSecond: number;
  readonly mails: number;
}

export interface RateGrant {
  readonly perSecond: number;
  readonly mails: number;
}

/** Hands out what there is: never more than the limits in any window, nor in any 24 hours. Pure. */
export function grantRate(rate: Rate | undefined, wish: RateWish): { readonly rate: Rate; readonly grant: RateGrant } {
  const { now, limits } = wish;
  const window = windowOf(now);
  const taken = rate !== undefined && rate.window >= window ? rate.taken : 0;
  const hours = since(rate?.hours ?? {}, hourOf(now.getTime() - 24 * hour));
  const days = since(rate?.days ?? {}, hourOf(now.getTime() - keptDays * 24 * hour).slice(0, 10));
  const sentLately = Object.values(hours).reduce((sum, count) => sum + count, 0);
  const perSecond = clamp(wish.perSecond, limits.perSecond - taken);
  const mails = clamp(wish.mails, limits.perDay - sentLately);
  const thisHour = hourOf(now.getTime());
  const today = thisHour.slice(0, 10);
  return {
    grant: { perSecond, mails },
    rate: {
      version: (rate?.version ?? 0) + 1,
      window: Math.max(window, rate?.window ?? 0),
      taken: taken + perSecond,
      hours: { ...hours, [thisHour]: (hours[thisHour] ?? 0) + mails },
      days: { ...days, [today]: (days[today] ?? 0) + mails },
    },
  };
}

/** Start of the window that an instant lies in. */
export function windowOf(now: Date): number {
  return Math.floor(now.getTime() / windowMilliseconds) * windowMilliseconds;
}

/** A quarter at a time, so that several processes share the rate and one alone soon has it all. */
export function shareOf({ perSecond }: RateLimits): number {
  return Math.max(1, Math.ceil(perSecond / 4));
}

/** Mails of the daily quota handed out at once: few of a small quota, since what a process does not use is lost. */
export function chunkOf({ perDay }: RateLimits, waiting: number): number {
  return Math.max(waiting, Math.min(500, Math.floor(perDay / 5_000)));
}

function since(counts: Readonly<Record<string, number>>, first: string): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([at]) => at >= first));
}

function hourOf(at: number): string {
  return new Date(at).toISOString().slice(0, 13);
}

function clamp(wanted: number, left: number): number {
  return Math.max(0, Math.min(wanted, left));
}
