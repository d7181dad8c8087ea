import * as z from "zod/mini";
import { eventNameSchema } from "../events/event.ts";
import { titleSchema } from "../tasks/title.ts";
import { endpointIdSchema } from "../webhooks/endpoint-id.ts";
import { conditionSchema } from "./condition.ts";
import { anyDateSchema, hourSchema, offsetSchema } from "./dates.ts";
import { durationSchema } from "./duration.ts";

/** Ids go into the tags of e-mails, which allow only letters, digits, `_` and `-`. */
export const idSchema = z.string().check(z.regex(/^[A-Za-z0-9_-]{1,40}$/, "1 to 40 letters, digits, _ or -"));

/** A path into an event's properties, `properties.cartId`. */
export const keyPathSchema = z
  .string()
  .check(z.regex(/^properties\.[\w.]{1,100}$/, "a path such as properties.cartId"));

/** A path into the contact as the API shows it, or into the trigger's properties: `contact.email`, `event.total`. */
const factPathSchema = z
  .string()
  .check(z.regex(/^(contact|event)(\.[\w-]{1,100}){1,5}$/, "a path such as contact.email or event.total"));

/** Events that count: by name, by conditions, and where paths are given only those that carry the run's entry key there. */
export const eventMatchSchema = z.strictObject({
  event: eventNameSchema,
  conditions: z._default(z.array(conditionSchema).check(z.maxLength(20)), []),
  entryKey: z.optional(z.array(keyPathSchema).check(z.minLength(1), z.maxLength(5))),
});
export type EventMatch = z.output<typeof eventMatchSchema>;

const step = { id: idSchema, next: idSchema };
const tag = z.string().check(z.minLength(1), z.maxLength(60), z.regex(/^[^\r\n]+$/, "one line"));
const line = z.string().check(z.minLength(1), z.maxLength(200), z.regex(/^[^\r\n]+$/, "one line"));

export const stepSchema = z.discriminatedUnion("type", [
  z.strictObject({
    ...step,
    type: z.literal("email"),
    templateId: idSchema,
    /** Later than this after its time the mail is skipped; without it, the journey's own maximum. */
    maximumAge: z.optional(durationSchema),
  }),
  z.strictObject({
    ...step,
    type: z.literal("wait"),
    for: durationSchema,
    /** What the wait counts from: reaching the step, or the last event of the journey's `activity`. */
    since: z._default(z.enum(["step", "activity"]), "step"),
  }),
  z.strictObject({
    ...step,
    type: z.literal("waitUntil"),
    hour: hourSchema,
    /** 1 is Monday, 7 is Sunday; none means any day. */
    weekdays: z.optional(z.array(z.number().check(z.int(), z.gte(1), z.lte(7))).check(z.minLength(1), z.maxLength(7))),
  }),
  z.strictObject({
    ...step,
    type: z.literal("waitUntilDate"),
    date: anyDateSchema,
    offset: z.optional(offsetSchema),
    hour: z.optional(hourSchema),
    /** Where to go when there is no such date, or it was over before the step was reached; else `next`. */
    otherwise: z.optional(idSchema),
  }),
  z.strictObject({
    ...step,
    type: z.literal("waitForEvent"),
    for: eventMatchSchema,
    timeout: durationSchema,
    onTimeout: idSchema,
  }),
  z.strictObject({
    type: z.literal("branch"),
    id: idSchema,
    branches: z
      .array(z.strictObject({ when: z.array(conditionSchema).check(z.minLength(1), z.maxLength(20)), next: idSchema }))
      .check(z.minLength(1), z.maxLength(20)),
    otherwise: idSchema,
  }),
  z.strictObject({
    type: z.literal("split"),
    id: idSchema,
    variants: z
      .array(
        z.strictObject({
          id: idSchema,
          percent: z.number().check(z.gt(0), z.lte(100)),
          next: idSchema,
          /** Goes the same way, but gets no mail: what the others' mail is measured against. */
          holdout: z.optional(z.literal(true)),
        }),
      )
      .check(z.minLength(2), z.maxLength(10)),
  }),
  z.strictObject({
    ...step,
    type: z.literal("update"),
    set: z._default(z.record(idSchema, z.union([z.string().check(z.maxLength(500)), z.number(), z.boolean()])), {}),
    addTags: z._default(z.array(tag).check(z.maxLength(20)), []),
    removeTags: z._default(z.array(tag).check(z.maxLength(20)), []),
  }),
  z.strictObject({
    ...step,
    type: z.literal("notify"),
    to: z.strictObject({ name: line, email: z.email().check(z.maxLength(254)) }),
    subject: line,
    text: z.string().check(z.minLength(1), z.maxLength(5000)),
  }),
  z.strictObject({
    ...step,
    type: z.literal("task"),
    title: titleSchema,
    /** The e-mail address of the colleague who is to do it. */
    owner: z.email().check(z.maxLength(254)),
    dueIn: z._default(durationSchema, "P1D"),
  }),
  z.strictObject({
    ...step,
    type: z.literal("webhook"),
    endpointId: endpointIdSchema,
    /** What of the contact and the trigger goes along, besides the contact's id: nothing unless named. */
    send: z._default(z.array(factPathSchema).check(z.maxLength(50)), []),
  }),
  z.strictObject({ type: z.literal("end"), id: idSchema }),
]);
export type Step = z.output<typeof stepSchema>;
export type StepOf<Type extends Step["type"]> = Extract<Step, { readonly type: Type }>;
