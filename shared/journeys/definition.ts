import * as z from "zod/mini";
import { violationsOf } from "./definition-rules.ts";
import { durationSchema } from "./duration.ts";
import { entryLimitsSchema } from "./entry-limits.ts";
import { eventMatchSchema, idSchema, type Step, stepSchema } from "./step.ts";
import { triggerSchema } from "./trigger.ts";

const timeZone = z
  .string()
  .check(
    z.refine((value) => value === "UTC" || Intl.supportedValuesOf("timeZone").includes(value), "an IANA time zone"),
  );
const localHour = z.number().check(z.int(), z.gte(0), z.lte(23));

/** A journey as staff write it. */
export const journeyDefinitionSchema = z
  .strictObject({
    name: z.string().check(z.trim(), z.minLength(1), z.maxLength(100)),
    trigger: triggerSchema,
    /** Whether a contact may enter again (with the same entry key): never, or some days after it entered last. */
    reentry: z._default(
      z.union([z.literal("never"), z.strictObject({ afterDays: z.number().check(z.int(), z.gte(1), z.lte(3650)) })]),
      "never",
    ),
    /** Entries beyond these (of all contacts together; days are the journey's) are refused, and the report counts them. */
    entryLimits: z.optional(entryLimitsSchema),
    /** Mails that one run may send; further ones are skipped. */
    mostMails: z.optional(z.number().check(z.int(), z.gte(1), z.lte(100))),
    /** Whoever does this has reached the journey's goal, and leaves it. */
    goal: z.optional(eventMatchSchema),
    /** Whoever does one of these leaves the journey. */
    exits: z._default(z.array(eventMatchSchema).check(z.maxLength(10)), []),
    /** Events that a wait `since: "activity"` counts from, beside the trigger. */
    activity: z._default(z.array(eventMatchSchema).check(z.maxLength(10)), []),
    /** Local hours in which no mail goes out: from 21 to 8, say. A mail that falls into them waits for their end. */
    quietHours: z.optional(
      z
        .strictObject({ from: localHour, to: localHour })
        .check(z.refine(({ from, to }) => from !== to, "from and to are different hours")),
    ),
    /** Of the hours that steps name; without it, the account's. */
    timeZone: z.optional(timeZone),
    /** A mail this much later than its time (a pause, an outage) is skipped. */
    maximumAge: z._default(durationSchema, "P3D"),
    start: idSchema,
    steps: z.array(stepSchema).check(z.minLength(1), z.maxLength(100)),
  })
  .check((context) => {
    for (const { path, message } of violationsOf(context.value)) {
      context.issues.push({ code: "custom", path: [...path], message, input: context.value });
    }
  });
export type JourneyDefinition = z.output<typeof journeyDefinitionSchema>;
export type JourneyInput = z.input<typeof journeyDefinitionSchema>;

/** A version of a journey. A change of it is a new version: runs stay with the one that they started with. */
export interface Journey extends JourneyDefinition {
  readonly id: string;
  readonly version: number;
}

/** The step of an id. @throws Error when the journey has no such step, which a valid one never does. */
export function stepOf({ id, steps }: Journey, stepId: string): Step {
  const step = steps.find((candidate) => candidate.id === stepId);
  if (step === undefined) throw new Error(`journey ${id} has no step ${stepId}`);
  return step;
}

/** The names of all events that a version listens to while a run is under way. */
export function heardWhileRunning({ goal, exits, steps }: JourneyDefinition): readonly string[] {
  const waits = steps.flatMap((step) => (step.type === "waitForEvent" ? [step.for] : []));
  return [...new Set([...(goal === undefined ? [] : [goal]), ...exits, ...waits].map(({ event }) => event))];
}
