import { expect, test } from "vitest";
import { type MailFacts, maySend, tooOldAfter, type Verdict } from "../../../shared/email/may-send.ts";
import { hours, plus } from "./world.ts";

const now = new Date("2026-03-10T10:00:00.000Z");
const marketing: MailFacts = {
  stream: "marketing",
  asksForConsent: false,
  erased: false,
  reachable: true,
  suppression: undefined,
  consent: { state: "granted" },
  policy: "subscribed",
  gate: "open",
  notAfter: plus(now, 1),
  now,
};
const transactional: MailFacts = { ...marketing, stream: "transactional", consent: undefined };
const confirm: MailFacts = { ...transactional, asksForConsent: true, consent: { state: "pending" } };
const suppression = { reason: "bounce", at: now.toISOString(), eventId: "e" } as const;

const onlyOffers = {
  state: "granted",
  standings: { "*": { state: "withdrawn" }, offers: { state: "granted" } },
} as const;

const lawful: MailFacts = { ...marketing, policy: "country" };
const customer = { country: "Germany", lastOrderAt: "2025-10-01T00:00:00.000Z" };

function wordOf(verdict: Verdict): string {
  if (verdict.send === "later") return "later";
  return verdict.send ? "send" : verdict.reason;
}

test.each([
  ["marketing with consent", marketing, "send"],
  ["marketing to somebody erased", { ...marketing, erased: true, reachable: false }, "erased"],
  ["marketing without consent", { ...marketing, consent: undefined }, "no consent"],
  ["marketing while consent is pending", { ...marketing, consent: { state: "pending" } }, "no consent"],
  ["marketing after consent was withdrawn", { ...marketing, consent: { state: "withdrawn" } }, "no consent"],
  ["marketing of a topic that is wanted", { ...marketing, topic: "offers", consent: onlyOffers }, "send"],
  ["marketing of another topic", { ...marketing, topic: "newsletter", consent: onlyOffers }, "no consent"],
  ["marketing of no topic to who wants one", { ...marketing, consent: onlyOffers }, "send"],
  ["marketing of a topic to who wants all", { ...marketing, topic: "newsletter" }, "send"],
  ["marketing to a customer who never agreed", { ...marketing, consent: undefined, relation: customer }, "no consent"],
  ["the same where the law allows it", { ...lawful, consent: undefined, relation: customer }, "send"],
  [
    "the same long after",
    { ...lawful, consent: undefined, relation: { ...customer, lastOrderAt: "2024-03-09T00:00:00.000Z" } },
    "no consent",
  ],
  [
    "the same to a customer who withdrew",
    { ...lawful, consent: { state: "withdrawn" }, relation: customer },
    "no consent",
  ],
  ["marketing to a suppressed address", { ...marketing, suppression }, "suppressed"],
  ["marketing in its last moment", { ...marketing, notAfter: now }, "send"],
  ["marketing after it", { ...marketing, notAfter: plus(now, -1) }, "too old"],
  ["a mail of a run that was left", { ...marketing, gate: "exited" }, "exited"],
  ["a transactional mail of a run that was left", { ...transactional, gate: "exited" }, "exited"],
  ["a mail of a broadcast that was cancelled", { ...marketing, gate: "cancelled" }, "cancelled"],
  ["a mail of a paused journey", { ...marketing, gate: "paused" }, "later"],
  [
    "a mail of a journey that stayed paused too long",
    { ...marketing, gate: "paused", notAfter: plus(now, -hours(1)) },
    "too old",
  ],
  ["transactional without consent", transactional, "send"],
  ["transactional after consent was withdrawn", { ...transactional, consent: { state: "withdrawn" } }, "send"],
  ["transactional to a suppressed address", { ...transactional, suppression }, "suppressed"],
  ["transactional that is too old", { ...transactional, notAfter: plus(now, -1) }, "too old"],
  ["to a contact that is gone", { ...transactional, reachable: false }, "contact gone"],
  ["a request to confirm what is pending", confirm, "send"],
  ["a request to confirm what was granted", { ...confirm, consent: { state: "granted" } }, "nothing to confirm"],
  [
    "a request to confirm what has ended",
    { ...confirm, consent: { state: "pending", pendingUntil: now.toISOString() } },
    "nothing to confirm",
  ],
  [
    "a request to confirm what has not ended",
    { ...confirm, consent: { state: "pending", pendingUntil: plus(now, 1).toISOString() } },
    "send",
  ],
] as const)("%s: %3$s", (_, facts, expected) => {
  const verdict = maySend(facts);
  expect(wordOf(verdict)).toBe(expected);
});

test.each([
  ["marketing", undefined, plus(now, hours(72))],
  ["transactional", undefined, plus(now, hours(168))],
  ["marketing", plus(now, hours(24)).toISOString(), plus(now, hours(24))],
  ["marketing", plus(now, hours(200)).toISOString(), plus(now, hours(200))],
] as const)("%s that may go out until %s is too old after %s", (stream, notAfter, expected) => {
  expect(tooOldAfter(stream, now, notAfter)).toEqual(expected);
});
