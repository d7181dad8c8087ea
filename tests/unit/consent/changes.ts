import { type Consent, type ConsentChange, decide } from "../../../shared/consent/consent.ts";
import type { Act } from "../../../shared/consent/standing.ts";

const start = Date.parse("2026-03-01T12:00:00.000Z");
const hour = 3_600_000;
const who = { addressHash: "hash", contactId: "c1" };

export const instant = (hours: number) => new Date(start + hours * hour);
export const at = (hours: number) => instant(hours).toISOString();

const doing = (acts: readonly Act[]): ConsentChange => ({ ...who, acts });
const told = (hours: number, topics?: readonly string[]) => ({ at: at(hours), ...(topics && { topics: [...topics] }) });

export const tick = (hours: number, doubleOptIn = true, topics?: readonly string[]): ConsentChange => ({
  ...who,
  address: "ada@example.com",
  acts: [
    {
      ...told(hours, topics),
      ...(doubleOptIn ? { type: "ask" } : { type: "grant", basis: "express" }),
      by: "visitor",
      text: "Yes, send me news.",
      textVersion: "1",
      source: "contact",
    },
  ],
});
export const confirm = (hours: number) => doing([{ ...told(hours), type: "confirm", by: "person" }]);
export const withdraw = (hours: number, topics?: readonly string[], by: Act["by"] = "person") =>
  doing([{ ...told(hours, topics), type: "withdraw", by }]);
/** A choice in the preference centre. */
export const choose = (hours: number, topics?: readonly string[]) =>
  doing([{ ...told(hours, topics), type: "grant", by: "person", basis: "confirmed" }]);
export const colleague = (hours: number, more: Partial<Act> = {}) =>
  doing([{ ...told(hours), type: "grant", by: "staff", basis: "express", text: "Said so on the phone.", ...more }]);
export const shop = (
  hours: number,
  decision: "subscribed" | "unsubscribed",
  by: "person" | "shop" = "shop",
): ConsentChange =>
  doing([
    {
      ...told(hours),
      ...(decision === "subscribed"
        ? { type: "grant", basis: by === "person" ? "confirmed" : "express", by }
        : { type: "withdraw", by: "shop" }),
      source: "shop",
      heardAt: at(100),
    },
  ]);
export const pause = (hours: number): ConsentChange => ({ ...doing([]), pause: { at: at(hours), on: true } });
export const goOn = (hours: number): ConsentChange => ({ ...choose(hours), pause: { at: at(hours), on: false } });
export const frequency = (hours: number, value: "every" | "weekly" | "monthly"): ConsentChange => ({
  ...doing([]),
  frequency: { at: at(hours), value },
});

/** Each change at the time of its act, unless a time is given. */
export function consentAfter(changes: readonly ConsentChange[], now?: Date): Consent | undefined {
  return changes.reduce<Consent | undefined>((consent, change) => {
    const own = change.acts[0]?.at ?? change.pause?.at ?? change.frequency?.at ?? at(0);
    return decide(consent, change, now ?? new Date(own)) ?? consent;
  }, undefined);
}
