import * as z from "zod/mini";
import { expiryAfter, type Key } from "../table/item.ts";

/** Marketing mails a minute that one recipient domain gets at most, by domain; `*` is every domain that has no bound of its own. */
export const domainBoundsSchema = z
  .record(z.string(), z.number().check(z.int(), z.gte(1)))
  .check(
    z.refine(
      (bounds) => Object.keys(bounds).every((domain) => /^(\*|[a-z0-9-]+(\.[a-z0-9-]+)+)$/.test(domain)),
      "names a domain in small letters, such as gmail.com, or * for the others",
    ),
  );
export type DomainBounds = z.output<typeof domainBoundsSchema>;

/** What one recipient domain has got in a minute, and the line of those who wait for a later one. */
export const domainRateSchema = z.object({
  version: z.number(),
  /** Start of the minute that `fresh` and `first` count, in milliseconds. */
  minute: z.number(),
  /** Mails handed out to who had not waited. */
  fresh: z.number(),
  /** Mails handed out to who has waited, or goes first. */
  first: z.number(),
  /** The last minute that somebody stands in line for; all between now and then are full. */
  lineMinute: z.number(),
  /** Places taken in it. */
  lineTaken: z.number(),
});
export type DomainRate = z.output<typeof domainRateSchema>;

/** Where a recipient domain's minute and line stand. */
export function domainRateKey(domain: string): Key {
  return { pk: `MAILRATE#${domain}`, sk: "MAILRATE" };
}

/** Seconds of the epoch after which nothing of it counts any more. */
export function domainRateExpiry({ minute, lineMinute }: DomainRate): number {
  return expiryAfter(new Date(Math.max(minute, lineMinute)), 1);
}

const oneMinute = 60_000;

/** Start of the minute that an instant lies in. */
export function minuteOf(now: Date): number {
  return Math.floor(now.getTime() / oneMinute) * oneMinute;
}

/** What bounds the marketing to a domain. */
export interface Bound {
  readonly domain: string;
  readonly perMinute: number;
}

/** The domain of an address and its bound; undefined when there is none. */
export function boundFor(bounds: DomainBounds, address: string): Bound | undefined {
  const domain = address.slice(address.lastIndexOf("@") + 1).toLowerCase();
  const perMinute = Object.hasOwn(bounds, domain) ? bounds[domain] : bounds["*"];
  return perMinute === undefined ? undefined : { domain, perMinute };
}

/** `first`: it has stood in line, or is more urgent than a broadcast. `fresh`: it goes behind those who stand in line. */
export type Standing = "first" | "fresh";

export interface DomainWish {
  readonly now: Date;
  readonly perMinute: number;
  readonly standing: Standing;
  /** Mails that are to go in this minute. */
  readonly mails: number;
  /** Places in the line, wanted if not one mail may go now. */
  readonly places: number;
}

export interface DomainGrant {
  readonly mails: number;
  /** Places in a later minute, by its start. */
  readonly places?: { readonly minute: number; readonly count: number } | undefined;
}

/**
 * Hands out a minute's room: never more than `perMinute` mails in any, whoever asks. What finds none gets a place at the
 * end of the line, so that it comes again once and not every minute. Pure.
 *
 * @returns the grant, and the rate to be written first on condition of its version; without one nothing changes.
 */
export function grantDomain(
  before: DomainRate | undefined,
  { now, perMinute, standing, mails, places }: DomainWish,
): { readonly grant: DomainGrant; readonly rate?: DomainRate } {
  const rate = at(before, minuteOf(now));
  const { minute, fresh, first, lineMinute, lineTaken } = rate;
  // Whoever stands in line for this minute keeps its room; a line that goes on beyond it has filled it.
  const inLine = lineMinute > minute ? perMinute : lineMinute === minute ? lineTaken : 0;
  const room = perMinute - fresh - (standing === "first" ? first : Math.max(first, inLine));
  const granted = Math.max(0, Math.min(mails, room));
  if (granted > 0) return { grant: { mails: granted }, rate: { ...rate, [standing]: rate[standing] + granted } };
  if (places <= 0) return { grant: { mails: 0 } };
  const end = lineMinute > minute ? { minute: lineMinute, taken: lineTaken } : { minute, taken: perMinute };
  const place = end.taken >= perMinute ? { minute: end.minute + oneMinute, taken: 0 } : end;
  const count = Math.min(places, perMinute - place.taken);
  return {
    grant: { mails: 0, places: { minute: place.minute, count } },
    rate: { ...rate, lineMinute: place.minute, lineTaken: place.taken + count },
  };
}

/** The rate as this minute finds it; a clock that is behind counts with the newest. */
function at(before: DomainRate | undefined, minute: number): DomainRate {
  if (before === undefined) return { version: 1, minute, fresh: 0, first: 0, lineMinute: 0, lineTaken: 0 };
  const version = before.version + 1;
  return before.minute >= minute ? { ...before, version } : { ...before, version, minute, fresh: 0, first: 0 };
}
