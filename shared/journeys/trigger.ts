import * as z from "zod/mini";
import { type Event, eventNameSchema } from "../events/event.ts";
import { isTestOrder } from "../events/test-order.ts";
import { requestedName } from "../events/vocabulary.ts";
import { conditionSchema, holds } from "./condition.ts";
import { contactDateSchema, hourSchema, offsetSchema } from "./dates.ts";
import { entryKeyOf, noEntryKey } from "./entry-key.ts";
import { keyPathSchema } from "./step.ts";

/** What starts runs. */
export const triggerSchema = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.optional(z.literal("event")),
    /** The event, or any of several; of those about one thing (an entry key) the first starts the run. */
    event: z.union([eventNameSchema, z.array(eventNameSchema).check(z.minLength(1), z.maxLength(10))]),
    conditions: z._default(z.array(conditionSchema).check(z.maxLength(20)), []),
    /** What a run is about: the first of these paths that the event has. An event without any starts nothing. */
    entryKey: z.optional(z.array(keyPathSchema).check(z.minLength(1), z.maxLength(5))),
  }),
  /** A request by `POST /v1/journeys/{id}/runs`, which says what the run is about. */
  z.strictObject({ type: z.literal("api") }),
  /** A contact's own date: each is a run of its own. */
  z.strictObject({
    type: z.literal("date"),
    date: contactDateSchema,
    offset: z.optional(offsetSchema),
    hour: z.optional(hourSchema),
    /** Each year again, as a birthday; 29 February is the 28th in other years. */
    yearly: z._default(z.boolean(), false),
  }),
]);
export type Trigger = z.output<typeof triggerSchema>;

interface Triggered {
  readonly id: string;
  readonly trigger: Trigger;
}

/** The names of the events that a run starts with. */
export function startingEvents({ trigger }: Pick<Triggered, "trigger">): readonly string[] {
  if (!("event" in trigger)) return [requestedName];
  return typeof trigger.event === "string" ? [trigger.event] : trigger.event;
}

/** The segment whose entry starts a journey; undefined when something else does. */
export function segmentOf({ trigger }: Pick<Triggered, "trigger">): string | undefined {
  if (!("event" in trigger) || !startingEvents({ trigger }).includes("Segment Entered")) return undefined;
  const named = trigger.conditions.find(
    ({ property, equals }) => property === "segmentId" && typeof equals === "string",
  );
  return named && String(named.equals);
}

/** Whether an event starts the journey: its trigger, or a request that names it. A shop's test order starts nothing. */
export function triggers({ id, trigger }: Triggered, event: Pick<Event, "name" | "properties">): boolean {
  const { name, properties } = event;
  if (name === requestedName) return properties.journeyId === id;
  return (
    "event" in trigger &&
    startingEvents({ trigger }).includes(name) &&
    !isTestOrder(event) &&
    trigger.conditions.every((condition) => holds(condition, { ...properties }))
  );
}

/** Where an event says what a run is about; none where runs are about nothing in particular. */
export function entryPaths({ trigger }: Pick<Triggered, "trigger">): readonly string[] {
  return ("event" in trigger ? trigger.entryKey : undefined) ?? [];
}

/** What a run that an event starts is about; undefined when the trigger asks for a key that the event lacks. */
export function entryKeyFor(
  { trigger }: Pick<Triggered, "trigger">,
  event: Pick<Event, "properties">,
): string | undefined {
  const paths = "event" in trigger ? trigger.entryKey : undefined;
  if (paths !== undefined) return entryKeyOf(paths, event);
  return "event" in trigger ? noEntryKey : (entryKeyOf(["properties.entryKey"], event) ?? noEntryKey);
}
