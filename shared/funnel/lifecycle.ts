import * as z from "zod/mini";
import { sourceOf } from "../contacts/profile-rules.ts";
import { contactOf, type Event } from "../events/event.ts";
import { contactPk } from "../events/event-keys.ts";
import { keySchema } from "../table/item.ts";
import { countKey, matchesRule, type StageRules } from "./stage-rules.ts";
import { type LifecycleStage, lifecycleStages } from "./stages.ts";

const enteredSchema = z.partialRecord(
  z.enum(lifecycleStages),
  /** When it was first entered, and by which version of the rules. */
  z.object({ at: z.iso.datetime(), rules: z.number() }),
);
export type Entered = z.infer<typeof enteredSchema>;

/** How far a contact has come, derived from its events by the rules. */
export const lifecycleSchema = z.extend(keySchema, {
  kind: z.literal("lifecycle"),
  contactId: z.string(),
  entered: enteredSchema,
  /** Of rules that count: the earliest events that they have met, as many as they ask for. */
  marks: z.record(z.string(), z.array(z.string())),
  /** The earliest event that met any rule, and where it came from. */
  first: z.object({ mark: z.string(), source: z.string() }),
  version: z.number(),
});
export type Lifecycle = z.infer<typeof lifecycleSchema>;

export function lifecycleKey(contactId: string) {
  return { pk: contactPk(contactId), sk: "LIFECYCLE" };
}

/**
 * A contact's stages after an event; what was given when the event changes nothing. Events may come in any order and any
 * number of times: of each stage the first time stands, and a stage that was first entered after a later one is none.
 */
export function afterEvent(held: Lifecycle | undefined, rules: StageRules, event: Event): Lifecycle | undefined {
  const met = rules.rules.filter((rule) => matchesRule(rule, event));
  if (met.length === 0) return held;
  const mark = `${event.occurredAt}#${event.eventId}`;
  const current = new Set(rules.rules.map(countKey));
  const marks = Object.fromEntries(Object.entries(held?.marks ?? {}).filter(([key]) => current.has(key)));
  const entered: Entered = { ...held?.entered };
  for (const rule of met) {
    let at: string | undefined = event.occurredAt;
    if (rule.times > 1) {
      const key = countKey(rule);
      const earliest = [...new Set([...(marks[key] ?? []), mark])].sort().slice(0, mostTimes(rules, key));
      marks[key] = earliest;
      at = earliest[rule.times - 1]?.split("#")[0];
    }
    const known = entered[rule.stage];
    if (at !== undefined && (known === undefined || at < known.at)) entered[rule.stage] = { at, rules: rules.version };
  }
  const first = held === undefined || mark < held.first.mark ? { mark, source: sourceOfEvent(event) } : held.first;
  const next = { entered: forward(entered), marks, first };
  const contactId = contactOf(event);
  return { ...lifecycleKey(contactId), kind: "lifecycle", contactId, ...next, version: (held?.version ?? 0) + 1 };
}

function mostTimes({ rules }: StageRules, key: string): number {
  return Math.max(...rules.filter((rule) => countKey(rule) === key).map(({ times }) => times));
}

/** Without the stages that were first entered after a later one: nobody goes back. */
function forward(entered: Entered): Entered {
  let next = "~";
  const kept = lifecycleStages.toReversed().flatMap((stage) => {
    const entry = entered[stage];
    if (entry === undefined || entry.at > next) return [];
    next = entry.at;
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
export function stagesIn({ entered }: Pick<Lifecycle, "entered">): readonly StageEntry[] {
  return lifecycleStages.flatMap((stage) => {
    const entry = entered[stage];
    return entry === undefined ? [] : [{ stage, ...entry }];
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
