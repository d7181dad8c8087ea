import * as z from "zod/mini";
import { eventNameSchema } from "../events/event.ts";

/** A condition on the event that triggers: the property at a path has the value. */
const conditionSchema = z.object({
  /** Path into the event's properties: `formId`, `consent.version`. */
  property: z.string().check(z.minLength(1)),
  equals: z.union([z.string(), z.number(), z.boolean()]),
});
export type Condition = z.infer<typeof conditionSchema>;

/** Ids go into the tags of e-mails, which allow only letters, digits, `_` and `-`. */
const idSchema = z.string().check(z.regex(/^[A-Za-z0-9_-]{1,40}$/));

const stepSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("email"), id: idSchema, templateId: idSchema, next: idSchema }),
  z.object({ type: z.literal("end"), id: idSchema }),
]);
export type Step = z.infer<typeof stepSchema>;

/** A journey as data. A change of it is a new version: runs stay with the one that they started with. */
export const journeySchema = z
  .object({
    id: idSchema,
    version: z.number().check(z.int(), z.gte(1)),
    name: z.string(),
    trigger: z.object({ event: eventNameSchema, conditions: z.array(conditionSchema) }),
    /** How often a contact may enter: `once` is once and for ever. */
    entry: z.literal("once"),
    start: idSchema,
    steps: z.array(stepSchema).check(z.minLength(1)),
  })
  .check(z.refine(leadsToItsEnd, "every step's `next` names a step of the journey, and no path runs in a circle"));
export type Journey = z.infer<typeof journeySchema>;

function leadsToItsEnd({ start, steps }: { readonly start: string; readonly steps: readonly Step[] }): boolean {
  const seen = new Set<string>();
  let id = start;
  while (!seen.has(id)) {
    seen.add(id);
    const step = steps.find((candidate) => candidate.id === id);
    if (step === undefined) return false;
    if (step.type === "end") return true;
    id = step.next;
  }
  return false;
}
