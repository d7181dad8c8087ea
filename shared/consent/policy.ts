import type { Standing } from "./standing.ts";

/**
 * Which bases suffice for marketing mail: `subscribed`, what the person agreed to; `country`, also what the law of the
 * contact's country lets suffice. The rules below are our reading and no legal advice: have yours checked before you
 * switch them on.
 */
export const consentPolicies = ["subscribed", "country"] as const;
export type ConsentPolicy = (typeof consentPolicies)[number];

interface CountryRule {
  /** Months after an order in which its buyer may be written to about the like; Infinity: without end. */
  readonly customerMonths: number;
  /** The same after an inquiry; 0: not at all. */
  readonly inquiryMonths: number;
  readonly source: string;
}

/** Where the law names no end, two years: what is older surprises its reader. */
const softOptIn = (source: string): CountryRule => ({ customerMonths: 24, inquiryMonths: 0, source });

/** By ISO 3166-1 code. Each asks besides that every mail can be answered by an objection, which every one of ours can. */
export const countryRules: Readonly<Record<string, CountryRule>> = {
  AT: softOptIn("TKG 2021 § 174 (4)"),
  BE: softOptIn("Royal Decree of 4 April 2003, art. 1"),
  DE: softOptIn("UWG § 7 (3)"),
  ES: softOptIn("LSSI art. 21 (2)"),
  FR: softOptIn("CPCE art. L34-5"),
  GB: softOptIn("PECR 2003, reg. 22 (3)"),
  IE: { ...softOptIn("S.I. 336/2011, reg. 13 (11)"), customerMonths: 12 },
  IT: softOptIn("Codice privacy art. 130 (4)"),
  NL: softOptIn("Telecommunicatiewet art. 11.7 (3)"),
  CA: { customerMonths: 24, inquiryMonths: 6, source: "CASL s. 10 (9), (10)" },
  // The law asks for no consent at all; SES does, so there must be a relation.
  US: {
    customerMonths: Number.POSITIVE_INFINITY,
    inquiryMonths: Number.POSITIVE_INFINITY,
    source: "CAN-SPAM, 15 U.S.C. § 7704",
  },
};

/** What a contact has to do with us besides consent. Times are ISO 8601. */
export interface Relation {
  /** As it stands in the profile: a code or an English name. */
  readonly country?: string | undefined;
  readonly lastOrderAt?: string | undefined;
  /** The first form that the person sent. */
  readonly inquiredAt?: string | undefined;
}

/** What a decision about marketing goes by. */
export interface Grounds {
  /** Where the person stands: to the mail's topic, or to each for a mail without one. */
  readonly standings: readonly Standing[];
  readonly relation?: Relation | undefined;
  readonly policy: ConsentPolicy;
}

/**
 * Until when marketing may be written to somebody if nothing else happens, in milliseconds since the epoch: Infinity for
 * who agreed, undefined for who may not be written to at all. Who withdrew is written to on no other ground.
 */
export function marketableUntil({ standings, relation = {}, policy }: Grounds): number | undefined {
  const granted = standings.filter(({ state }) => state === "granted");
  if (granted.some(({ basis = "express", until }) => isAgreed(basis) && until === undefined))
    return Number.POSITIVE_INFINITY;
  const hasLeft = standings.some(({ withdrawnAt, state }) => withdrawnAt !== undefined || state === "withdrawn");
  const rule = policy === "country" ? ruleOf(relation.country) : undefined;
  const ends = [
    ...granted.map((standing) => endOf(standing, rule)),
    hasLeft ? undefined : monthsAfter(relation.lastOrderAt, rule?.customerMonths),
    hasLeft ? undefined : monthsAfter(relation.inquiredAt, rule?.inquiryMonths),
  ].filter((end) => end !== undefined);
  return ends.length === 0 ? undefined : Math.max(...ends);
}

/** Whether marketing may be written to somebody now. */
export function mayMarket(grounds: Grounds, now: Date): boolean {
  const until = marketableUntil(grounds);
  return until !== undefined && now.getTime() < until;
}

function isAgreed(basis: Standing["basis"]): boolean {
  return basis === "confirmed" || basis === "express";
}

/** When a recorded basis ends; undefined when it does not suffice. */
function endOf({ basis = "express", until, grantedAt }: Standing, rule: CountryRule | undefined): number | undefined {
  const named = until === undefined ? Number.POSITIVE_INFINITY : Date.parse(until);
  if (isAgreed(basis)) return named;
  const months = basis === "existingCustomer" ? rule?.customerMonths : rule?.inquiryMonths;
  const lawful = monthsAfter(grantedAt, months);
  return lawful === undefined ? undefined : Math.min(named, lawful);
}

function monthsAfter(at: string | undefined, months: number | undefined): number | undefined {
  if (at === undefined || months === undefined || months === 0) return undefined;
  if (months === Number.POSITIVE_INFINITY) return months;
  const end = new Date(at);
  end.setUTCMonth(end.getUTCMonth() + months);
  return end.getTime();
}

/** Made when it is first asked for: `Intl.DisplayNames` takes 12 ms to load, of the start of every function. */
let codes: ReadonlyMap<string, string> | undefined;

function codesByName(): ReadonlyMap<string, string> {
  const names = new Intl.DisplayNames(["en"], { type: "region" });
  return new Map(
    Object.keys(countryRules).flatMap((code) => [
      [code.toLowerCase(), code],
      [(names.of(code) ?? code).toLowerCase(), code],
    ]),
  );
}

function ruleOf(country: string | undefined): CountryRule | undefined {
  codes ??= codesByName();
  const code = codes.get(country?.trim().toLowerCase() ?? "");
  return code === undefined ? undefined : countryRules[code];
}
