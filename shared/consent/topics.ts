import * as z from "zod/mini";
import { DomainError } from "../errors.ts";

/** A topic stands in forms, templates, segments and consents. */
export const topicIdSchema = z
  .string()
  .check(z.regex(/^[a-z][a-z0-9-]{0,29}$/, "a small letter, then small letters, digits and - (30 at most)"));

/** A kind of marketing mail that a person may want or not. */
export const topicSchema = z.strictObject({
  id: topicIdSchema,
  /** As people read it in the preference centre. */
  name: z.string().check(z.minLength(1), z.maxLength(60)),
  description: z.optional(z.string().check(z.maxLength(200))),
});
export type Topic = z.output<typeof topicSchema>;

/** The account's topics. Without any, consent is one question: all marketing or none. */
export const topicsSchema = z.array(topicSchema).check(
  z.maxLength(20),
  z.refine((list) => new Set(list.map(({ id }) => id)).size === list.length, "a topic is there twice"),
);

/** Stands for every topic that no act has named. */
export const everyTopic = "*";

/** @throws DomainError invalid_input when what is given names a topic that the account has not. */
export function requireTopics(topics: readonly Topic[], given: readonly string[], pointer: string): void {
  const known = topics.map(({ id }) => id);
  const unknown = given.filter((id) => !known.includes(id));
  if (unknown.length === 0) return;
  const message = known.length === 0 ? "the configuration has no topics" : `the topics are ${known.join(", ")}`;
  throw new DomainError("invalid_input", `There is no topic ${unknown.join(", ")}: ${message}.`, {
    errors: [{ pointer, message, code: "unknown_topic" }],
  });
}
