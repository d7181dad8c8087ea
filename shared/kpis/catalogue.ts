import { isDeepStrictEqual } from "node:util";
import * as z from "zod/mini";
import { DomainError } from "../errors.ts";
import { eventNameOf } from "./fact.ts";
import { countedBy, type Kpi, type KpiInput, kpiInputSchema, kpiSchema, measuresOf } from "./kpi.ts";
import type { Rhythm } from "./rhythm.ts";
import { type Basis, defaultBasis, kpisIn } from "./shipped.ts";

/** Each definition costs a read of every list, and a count of every day. */
export const mostDefinitions = 30;
/** What an entry of another event keeps beside its source: more would cost it a second write unit. */
export const mostEventProperties = 12;

const definitionSchema = z.object({
  ...kpiInputSchema.shape,
  /** The catalogue's version when what is counted changed last. */
  version: z.number(),
  /** The catalogue's version when anything of it changed last: what If-Match names. */
  revision: z.number(),
  updatedAt: z.iso.datetime(),
  updatedBy: z.string(),
});
export type Definition = z.infer<typeof definitionSchema>;

const fewestActiveDays = 7;
const mostActiveDays = 400;
const activeDaysSchema = z.int().check(z.gte(fewestActiveDays), z.lte(mostActiveDays));

/** What the shipped KPIs of customers rest on, as staff say it. */
export const basisInputSchema = z.strictObject({
  /** Days for which a paid order keeps a customer active; `auto` follows the account's own rhythm. */
  activeDays: z.union([z.literal("auto"), activeDaysSchema], 'use "auto" or 7 to 400 days'),
  /** Share of net revenue that remains when the goods are paid: above 0, at most 1. */
  grossMargin: z.number().check(z.gt(0), z.lte(1)),
});

const basisSchema = z.object({
  ...basisInputSchema.shape,
  /** The catalogue's version when anything of it changed last. */
  revision: z.number(),
  updatedAt: z.iso.datetime(),
  updatedBy: z.string(),
});

/** The account's own rhythm, as it was last adopted. */
const rhythmSchema = z.object({ days: activeDaysSchema, gaps: z.number(), at: z.iso.datetime() });

/** Of other events by their names: the properties that entries keep, and since which version of the catalogue without a gap. */
export const askedEventsSchema = z.record(z.string(), z.object({ since: z.number(), properties: z.array(z.string()) }));
export type AskedEvents = z.infer<typeof askedEventsSchema>;

/** The account's own KPIs. All are one item, so that their number and what they ask of events stay bounded. */
export const catalogueSchema = z.object({
  version: z.number(),
  definitions: z.record(z.string(), definitionSchema),
  asked: z._default(askedEventsSchema, {}),
  basis: z.optional(basisSchema),
  rhythm: z.optional(rhythmSchema),
  /** Goes up when the days that a customer stays active become others. */
  daysVersion: z.optional(z.number()),
});
export type Catalogue = z.infer<typeof catalogueSchema>;

export const emptyCatalogue: Catalogue = { version: 0, definitions: {}, asked: {} };

/** What the shipped KPIs of customers rest on now: without a word of staff the account's rhythm, before that is known 90 days. */
export function basisOf({ basis, rhythm, daysVersion }: Catalogue): Basis {
  const { activeDays, grossMargin } = basis ?? { ...defaultBasis, activeDays: "auto" };
  return {
    activeDays: activeDays === "auto" ? (rhythm?.days ?? defaultBasis.activeDays) : activeDays,
    grossMargin,
    version: daysVersion ?? defaultBasis.version,
  };
}

/** Every KPI of an account: the shipped ones, then its own. */
export function kpisOf(catalogue: Catalogue, currency: string): readonly Kpi[] {
  const { definitions } = catalogue;
  return [
    ...kpisIn(currency, basisOf(catalogue)),
    ...Object.entries(definitions).map(([id, definition]) => kpiOf(id, definition)),
  ];
}

function kpiOf(id: string, { revision: _, updatedAt: __, updatedBy: ___, ...kpi }: Definition): Kpi {
  return kpiSchema.parse({ id, ...kpi });
}

/** What KPIs ask of events that are no facts of the product's own: by name, the properties that entries keep. */
export function askedOf(kpis: Iterable<KpiInput>): ReadonlyMap<string, ReadonlySet<string>> {
  const asked = new Map<string, Set<string>>();
  for (const kpi of kpis) {
    for (const { measure } of measuresOf(kpi)) {
      const names = [
        ...(measure.where ?? []).map(({ property }) => property),
        ...(measure.of === undefined ? [] : [measure.of]),
        ...(kpi.currency === undefined ? [] : ["currency"]),
        ...(kpi.slices ?? []),
      ];
      for (const fact of measure.facts) {
        const event = eventNameOf(fact);
        if (event !== undefined) asked.set(event, new Set([...(asked.get(event) ?? []), ...names]));
      }
    }
  }
  return asked;
}

/** An event that is asked for anew, or for more of it, has a gap before: what came meanwhile, or earlier, was not kept. */
function askedAfter({ asked }: Catalogue, definitions: Catalogue["definitions"], version: number): AskedEvents {
  const before = new Map(Object.entries(asked));
  const events = [...askedOf(Object.values(definitions))].map(([event, names]) => {
    const properties = [...names].sort();
    const known = before.get(event);
    const isKept = known !== undefined && properties.every((property) => known.properties.includes(property));
    return [event, { since: isKept ? known.since : version, properties }] as const;
  });
  return Object.fromEntries(events);
}

export interface Stamp {
  readonly updatedAt: string;
  readonly updatedBy: string;
}

/**
 * The catalogue with a definition put.
 *
 * @param expected the revision that the change was made from; undefined for a new KPI
 * @throws DomainError already_exists, version_conflict, not_found, or invalid_input where a bound is reached
 */
export function withDefinition(
  catalogue: Catalogue,
  id: string,
  input: KpiInput,
  { stamp, expected }: { readonly stamp: Stamp; readonly expected: number | undefined },
): Catalogue {
  requireOwn(id);
  const before = catalogue.definitions[id];
  requireExpected(id, before, expected);
  const revision = catalogue.version + 1;
  const isSame = before !== undefined && isDeepStrictEqual(countedBy(before), countedBy(input));
  const definition: Definition = { ...input, version: isSame ? before.version : revision, revision, ...stamp };
  const definitions = { ...catalogue.definitions, [id]: definition };
  if (Object.keys(definitions).length > mostDefinitions)
    throw new DomainError("invalid_input", `There are ${mostDefinitions} KPIs of your own. Delete one first.`);
  for (const [event, properties] of askedOf(Object.values(definitions))) {
    if (properties.size > mostEventProperties)
      throw new DomainError(
        "invalid_input",
        `KPIs ask for ${properties.size} properties of ${event} together: ${[...properties].join(", ")}. At most ${mostEventProperties} are kept.`,
      );
  }
  return { ...catalogue, version: revision, definitions, asked: askedAfter(catalogue, definitions, revision) };
}

/**
 * The catalogue with another basis of the shipped KPIs. Another margin counts nothing anew.
 *
 * @param expected the revision that the change was made from; undefined while nobody has changed it
 * @throws DomainError version_conflict
 */
export function withBasis(
  catalogue: Catalogue,
  input: z.infer<typeof basisInputSchema>,
  { stamp, expected }: { readonly stamp: Stamp; readonly expected: number | undefined },
): Catalogue {
  const { basis } = catalogue;
  if (basis?.revision !== expected)
    throw new DomainError(
      "version_conflict",
      `The basis is at version ${basis?.revision ?? 0}. Read it, then send ${basis === undefined ? "no If-Match" : `If-Match: "${basis.revision}"`}.`,
    );
  const revision = catalogue.version + 1;
  return withDaysOf({ ...catalogue, version: revision, basis: { ...input, revision, ...stamp } }, catalogue);
}

/** Adopted days stay for a month, and until the rhythm is another one by a fifth: each change counts all history anew. */
const restMilliseconds = 30 * 86_400_000;
const leastChange = 0.2;

/** Whether the rhythm that was adopted last is to stay, whatever it has become. */
export function keepsRhythm({ rhythm }: Catalogue, now: Date): boolean {
  return rhythm !== undefined && now.getTime() - Date.parse(rhythm.at) < restMilliseconds;
}

/** The catalogue with a rhythm adopted; the same one where the rhythm is as good as the one that stands, or that is young. */
export function withRhythm(catalogue: Catalogue, { days, gaps }: Rhythm, now: Date): Catalogue {
  const before = catalogue.rhythm;
  const bounded = Math.min(mostActiveDays, Math.max(fewestActiveDays, days));
  const isAlike = before !== undefined && Math.abs(bounded - before.days) < leastChange * before.days;
  if (isAlike || keepsRhythm(catalogue, now)) return catalogue;
  const rhythm = { days: bounded, gaps, at: now.toISOString() };
  return withDaysOf({ ...catalogue, version: catalogue.version + 1, rhythm }, catalogue);
}

/** A changed catalogue, in which the days have a new version if they are others. */
function withDaysOf(next: Catalogue, before: Catalogue): Catalogue {
  const isSame = basisOf(before).activeDays === basisOf(next).activeDays;
  return isSame ? next : { ...next, daysVersion: next.version + 1 };
}

/**
 * The catalogue without a definition.
 *
 * @throws DomainError not_found or version_conflict
 */
export function withoutDefinition(catalogue: Catalogue, id: string, expected: number | undefined): Catalogue {
  requireOwn(id);
  const { [id]: before, ...definitions } = catalogue.definitions;
  if (before === undefined) throw new DomainError("not_found", `There is no KPI ${id}.`);
  requireExpected(id, before, expected ?? before.revision);
  const version = catalogue.version + 1;
  return { ...catalogue, version, definitions, asked: askedAfter(catalogue, definitions, version) };
}

function requireOwn(id: string): void {
  if (kpisIn("USD").some((kpi) => kpi.id === id))
    throw new DomainError(
      "invalid_input",
      `${id} comes with Rapport and stays as it is. Define yours under another id.`,
    );
}

function requireExpected(id: string, before: Definition | undefined, expected: number | undefined): void {
  if (before === undefined && expected !== undefined)
    throw new DomainError("not_found", `There is no KPI ${id}. Leave out If-Match.`);
  if (before === undefined || before.revision === expected) return;
  throw new DomainError(
    expected === undefined ? "already_exists" : "version_conflict",
    `The KPI ${id} is at version ${before.revision}. Read it, then send If-Match: "${before.revision}".`,
  );
}
