import type { Condition } from "./condition.ts";
import type { JourneyDefinition } from "./definition.ts";
import type { EventMatch, Step } from "./step.ts";

/** A journey in plain words, for people who did not write it. It reads definitions only, so that a browser can carry it. */

/** What starts a run. */
export function triggerWords({ trigger }: Pick<JourneyDefinition, "trigger">): string {
  if (trigger.type === "api") return "A program asks for it";
  if (trigger.type === "date") return sentence(`${dateWords(trigger)}${trigger.yearly ? ", each year" : ""}`);
  const [only, ...others] = trigger.conditions;
  const segment = others.length === 0 && only?.property === "segmentId" ? only.equals : undefined;
  const events = typeof trigger.event === "string" ? [trigger.event] : trigger.event;
  if (segment !== undefined && events.join() === "Segment Entered") return `Somebody enters the segment “${segment}”`;
  if (segment !== undefined && events.join() === "Segment Exited") return `Somebody leaves the segment “${segment}”`;
  return sentence(`${events.map(happening).join(", or ")}${whereWords(trigger.conditions)}`);
}

/** A date and its offset: `7 days before the contact's birthday, at 09:00`. */
function dateWords({
  date,
  offset = "",
  hour,
}: {
  date: string;
  offset?: string | undefined;
  hour?: number | undefined;
}) {
  const [whose = "", ...name] = date.replace(".traits.", ".").replace(".fields.", ".").split(".");
  const far = durationWords(offset.replace(/^-/, ""));
  const side = offset.startsWith("-") ? "before" : "after";
  const at = hour === undefined ? "" : `, at ${String(hour).padStart(2, "0")}:00`;
  return `${far === "" ? "on" : `${far} ${side}`} the ${whose}'s ${name.join(" ")}${at}`;
}

/** An event that counts: `somebody orders, where total is at least 100`. */
export function eventWords({ event, conditions }: Pick<EventMatch, "event" | "conditions">): string {
  return `${happening(event)}${whereWords(conditions)}`;
}

function happening(event: string): string {
  return happenings[event] ?? `“${event}” happens`;
}

function whereWords(conditions: readonly Condition[]): string {
  return conditions.length === 0 ? "" : `, where ${conditionsWords(conditions)}`;
}

const happenings: Readonly<Record<string, string>> = {
  Subscribed: "somebody subscribes",
  Unsubscribed: "somebody unsubscribes",
  "Form Submitted": "somebody sends a form",
  "Product Viewed": "somebody looks at a product",
  "Product Added": "somebody puts something into the cart",
  "Cart Viewed": "somebody looks at the cart",
  "Checkout Started": "somebody starts a checkout",
  "Cart Ended": "the cart is ordered by another address",
  "Order Placed": "somebody orders and has not paid yet",
  "Order Completed": "somebody orders",
  "Order Cancelled": "an order is cancelled",
  "Order Refunded": "an order is refunded",
  "Email Opened": "somebody opens an e-mail",
  "Email Link Clicked": "somebody clicks in an e-mail",
  "Segment Entered": "somebody enters a segment",
  "Segment Exited": "somebody leaves a segment",
};

/** Conditions that all have to hold. */
export function conditionsWords(conditions: readonly Condition[]): string {
  return conditions.map(conditionWords).join(" and ");
}

function conditionWords({ property, ...test }: Condition): string {
  const name = property.replace(/^(contact|event)\./, "").replaceAll(".", " ");
  if (test.exists !== undefined) return `${name} is ${test.exists ? "" : "not "}known`;
  if (test.equals !== undefined) return `${name} is ${value(test.equals)}`;
  if (test.notEquals !== undefined) return `${name} is not ${value(test.notEquals)}`;
  if (test.oneOf !== undefined) return `${name} is one of ${test.oneOf.map(value).join(", ")}`;
  if (test.atLeast !== undefined) return `${name} is at least ${value(test.atLeast)}`;
  return `${name} is at most ${value(test.atMost ?? "")}`;
}

function value(given: string | number | boolean): string {
  if (given === true) return "yes";
  if (given === false) return "no";
  return typeof given === "number" ? String(given) : `“${given}”`;
}

/** `P1DT12H` as `1 day 12 hours`. */
export function durationWords(duration: string): string {
  const [, days, hours, minutes] = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/.exec(duration) ?? [];
  const parts = [counted(days, "day"), counted(hours, "hour"), counted(minutes, "minute")];
  return parts.filter((part) => part !== undefined).join(" ");
}

function counted(count: string | undefined, unit: string): string | undefined {
  if (count === undefined || Number(count) === 0) return undefined;
  return `${Number(count)} ${unit}${Number(count) === 1 ? "" : "s"}`;
}

export interface StepWords {
  /** What kind of step it is, in a word. */
  readonly kind: string;
  readonly title: string;
  readonly details: readonly string[];
}

/** What a step does. */
export function stepWords(step: Step): StepWords {
  switch (step.type) {
    case "email": {
      const late = step.maximumAge === undefined ? [] : [`Left out when ${durationWords(step.maximumAge)} late`];
      return { kind: "E-mail", title: `Send the e-mail “${step.templateId}”`, details: late };
    }
    case "wait": {
      const since = step.since === "activity" ? ["Counted from the last activity"] : [];
      return { kind: "Wait", title: `Wait ${durationWords(step.for)}`, details: since };
    }
    case "waitUntil": {
      const days = step.weekdays?.map((day) => weekdays[day - 1]).join(", ");
      const when = days === undefined ? "" : ` on ${days}`;
      return { kind: "Wait", title: `Wait until ${String(step.hour).padStart(2, "0")}:00${when}`, details: [] };
    }
    case "waitUntilDate":
      return { kind: "Wait", title: `Wait until ${dateWords(step).replace(/^on /, "")}`, details: [] };
    case "waitForEvent": {
      const title = `Wait until ${eventWords(step.for)}`;
      return { kind: "Wait", title, details: [`For ${durationWords(step.timeout)} at most`] };
    }
    case "branch":
      return { kind: "Branch", title: "Choose the way", details: [] };
    case "split":
      return { kind: "Split", title: "Split at random, the same way for a contact for good", details: [] };
    case "update":
      return { kind: "Update", title: "Change the contact", details: updateWords(step) };
    case "task":
      return {
        kind: "Task",
        title: `Ask ${step.owner}: “${step.title}”`,
        details: [`Within ${durationWords(step.dueIn)}`],
      };
    case "webhook":
      return { kind: "Webhook", title: `Tell the webhook endpoint “${step.endpointId}”`, details: sendWords(step) };
    case "notify":
      return { kind: "Notice", title: `Tell ${step.to.name}: “${step.subject}”`, details: [] };
    case "end":
      return { kind: "End", title: "The journey ends", details: [] };
  }
}

const weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

function updateWords({ set, addTags, removeTags }: Extract<Step, { type: "update" }>): string[] {
  return [
    ...Object.entries(set).map(([name, to]) => `Set ${name} to ${value(to)}`),
    ...addTags.map((tag) => `Add the tag “${tag}”`),
    ...removeTags.map((tag) => `Take away the tag “${tag}”`),
  ];
}

function sendWords({ send }: Extract<Step, { type: "webhook" }>): string[] {
  return send.length === 0 ? [] : [`With ${send.map((path) => path.replaceAll(".", " ")).join(", ")}`];
}

/** The ways out of a step that has several, in the order of `exitsOf`. */
export function waysWords(step: Step): readonly string[] {
  switch (step.type) {
    case "branch":
      return [...step.branches.map(({ when }) => `If ${conditionsWords(when)}`), "Otherwise"];
    case "split":
      return step.variants.map(
        ({ id, percent, holdout }) =>
          `${percent} % take variant “${id}”${holdout === true ? ", which gets no mail (holdout)" : ""}`,
      );
    case "waitUntilDate":
      return step.otherwise === undefined ? [] : ["When it comes", "Without such a date, or when it was over before"];
    case "waitForEvent":
      return ["When it happens", `When it has not, after ${durationWords(step.timeout)}`];
    default:
      return [];
  }
}

/** Who may enter again. */
export function reentryWords({ reentry, trigger }: Pick<JourneyDefinition, "reentry" | "trigger">): string {
  const keys = "event" in trigger ? trigger.entryKey : undefined;
  const each = keys === undefined ? "" : ` for the same ${keys.map(lastPart).join(" or ")}`;
  if (reentry === "never") return `Once for each contact${each}`;
  return `Again after ${counted(String(reentry.afterDays), "day")}${each}`;
}

function lastPart(path: string): string {
  return path.split(".").at(-1) ?? path;
}

function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
