import * as z from "zod/mini";
import { instantOf, markOf } from "../contacts/folded-events.ts";
import { sourceOf } from "../contacts/profile-rules.ts";
import type { Event } from "../events/event.ts";
import { countKey, matchesRule, type StageRules } from "./stage-rules.ts";
import { type LifecycleStage, lifecycleStages } from "./stages.ts";

/**
 * How far a contact has come, derived from its events by the rules. It stands in the contact's item, where each kilobyte
 * is a write unit of every event: hence numbers and marks.
 */
export const lifecycleSchema = z.object({
  /** When each stage was first entered, in milliseconds since the epoch, and by which version of the rules. */
  entered: z.partialRecord(z.enum(lifecycleStages), z.tuple([z.number(), z.number()])),
  /** Of rules that count: the marks of the earliest events that they have met, as many as they ask for. */
  marks: z.record(z.string(), z.array(z.string())),
  /** The earliest event that met any rule, and where it came from. */
  first: z.object({ mark: z.string(), source: z.string() }),
});
export type Lifecycle = z.infer<typeof lifecycleSchema>;
type Entered = Lifecycle["entered"];

/**
 * A contact's stages after an event; what was given when the event changes nothing. Events may come in any order and any
 * number of times: of each stage the first time stands, and a stage that was first entered after a later one is none.
 */
export function afterEvent(held: Lifecycle | undefined, rules: StageRules, event: Event): Lifecycle | undefined {
  const met = rules.rules.filter((rule) => matchesRule(rule, event));
  if (met.length === 0) return held;
  const mark = markOf(event);
  const current = new Set(rules.rules.map(countKey));
  const marks = Object.fromEntries(Object.entries(held?.marks ?? {}).filter(([key]) => current.has(key)));
  const entered: Entered = { ...held?.entered };
  for (const rule of met) {
    let at: number | undefined = instantOf(mark);
    if (rule.times > 1) {
      const key = countKey(rule);
      const earliest = [...new Set([...(marks[key] ?? []), mark])].sort().slice(0, mostTimes(rules, key));
      marks[key] = earliest;
      const last = earliest[rule.times - 1];
      at = last === undefined ? undefined : instantOf(last);
    }
    const known = entered[rule.stage];
    if (at !== undefined && (known === undefined || at < known[0])) entered[rule.stage] = [at, rules.version];
  }
  const first = held === undefined || mark < held.first.mark ? { mark, source: sourceOfEvent(event) } : held.first;
  return { entered: forward(entered), marks, first };
}

function mostTimes({ rules }: StageRules, key: string): number {
  return Math.max(...rules.filter((rule) => countKey(rule) === key).map(({ times }) => times));
}

/** Without the stages that were first entered after a later one: nobody goes back. */
function forward(entered: Entered): Entered {
  let next = Number.POSITIVE_INFINITY;
  const kept = lifecycleStages.toReversed().flatMap((stage) => {
    const entry = entered[stage];
    if (entry === undefined || entry[0] > next) return [];
    next = entry[0];
    return [[stage, entry] as const];
  });
  return Object.fromEntries(kept.reverse());
}

export interface StageEntry {
  readonly stage: LifecycleStage;
  readonly at: string;
  readonly rules: number;
}

/** The stages that were entered, in order; the last is where the contact is. */
export function stagesIn(lifecycle: Pick<Lifecycle, "entered"> | undefined): readonly StageEntry[] {
  return lifecycleStages.flatMap((stage) => {
    const [at, rules] = lifecycle?.entered[stage] ?? [];
    return at === undefined || rules === undefined ? [] : [{ stage, at: new Date(at).toISOString(), rules }];
  });
}

const pageSchema = z.object({
  page: z.optional(z.object({ utmSource: z.optional(z.string()), referrer: z.optional(z.string()) })),
  utm_source: z.optional(z.string()),
  referrer: z.optional(z.string()),
});

/** The campaign's source, else the site that led here, else who told of the event. */
function sourceOfEvent({ properties, source }: Event): string {
  const { page, utm_source, referrer } = pageSchema.safeParse(properties).data ?? {};
  const utmSource = page?.utmSource ?? utm_source;
  return (sourceOf({ utmSource, referrer: page?.referrer ?? referrer }) || source).slice(0, 100);
}
