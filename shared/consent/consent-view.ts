import * as z from "zod/mini";
import { actsOf, type Consent, frequencies } from "./consent.ts";
import { actSchema, bases, type Standing, standingsOf } from "./standing.ts";
import { topicIdSchema } from "./topics.ts";

const instant = z.nullable(z.string());
const state = z.enum(["never", "pending", "subscribed", "unsubscribed"]);

/** What staff see of the consent of a contact's address. */
export const consentViewSchema = z.object({
  email: z.string(),
  state,
  /** `*` stands for every topic that is not named. */
  topics: z.array(
    z.object({
      topic: z.string(),
      state,
      basis: z.nullable(z.enum(bases)),
      source: z.nullable(z.string()),
      subscribedAt: instant,
      until: instant,
      unsubscribedAt: instant,
      pendingUntil: instant,
    }),
  ),
  pausedUntil: instant,
  frequency: z.enum(frequencies),
  /** What was shown, answered and said, by whom and when, newest first. */
  acts: z.array(actSchema),
});

export function viewOfConsent(
  email: string,
  consent: Consent | undefined,
  now: Date,
): z.output<typeof consentViewSchema> {
  const acts = consent === undefined ? [] : actsOf(consent);
  return {
    email,
    state: stateOf(consent, now),
    topics: Object.entries(standingsOf(acts)).map(([topic, standing]) => viewOfStanding(topic, standing, now)),
    pausedUntil: consent?.pausedUntil ?? null,
    frequency: consent?.frequency?.value ?? "every",
    acts: acts.toReversed(),
  };
}

function viewOfStanding(topic: string, standing: Standing, now: Date) {
  return {
    topic,
    state: stateOf(standing, now),
    basis: standing.basis ?? null,
    source: standing.source ?? null,
    subscribedAt: standing.grantedAt ?? null,
    until: standing.until ?? null,
    unsubscribedAt: standing.withdrawnAt ?? null,
    pendingUntil: standing.pendingUntil ?? null,
  };
}

interface Stood {
  readonly state?: Standing["state"] | undefined;
  readonly until?: string | undefined;
  readonly pendingUntil?: string | undefined;
  readonly withdrawnAt?: string | undefined;
}

/** In the words of people: what has ended, or was not confirmed in time, says nothing any more. */
function stateOf(stood: Stood | undefined, now: Date): z.output<typeof state> {
  if (stood?.state === "granted" && (stood.until ?? "~") > now.toISOString()) return "subscribed";
  if (stood?.state === "pending" && (stood.pendingUntil ?? "") > now.toISOString()) return "pending";
  return stood?.withdrawnAt === undefined ? "never" : "unsubscribed";
}

/** What a colleague records: a consent that was given otherwise than by a form, or a withdrawal. */
export const recordInputSchema = z
  .strictObject({
    state: z.enum(["subscribed", "unsubscribed"]),
    /** Without it: all marketing. */
    topics: z.optional(z.array(topicIdSchema).check(z.minLength(1), z.maxLength(20))),
    /** What the consent rests on; `confirmed` is the person's own act alone. */
    basis: z.optional(z.enum(["express", "existingCustomer", "implied"])),
    until: z.optional(z.iso.datetime()),
    /** What was said or signed, when and where: the proof. */
    evidence: z.string().check(z.trim(), z.minLength(1), z.maxLength(1_000)),
  })
  .check(
    z.refine(({ state, basis }) => (state === "subscribed") === (basis !== undefined), {
      path: ["basis"],
      error: "a subscription has a basis, its end has none",
    }),
    z.refine(({ basis, until }) => (basis === "implied") === (until !== undefined), {
      path: ["until"],
      error: "an implied consent ends at an instant, no other does",
    }),
  );
