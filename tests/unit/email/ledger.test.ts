import { describe, expect, test } from "vitest";
import {
  type LedgerEntry,
  type LedgerState,
  ledgerKey,
  nextStep,
  proved,
  rejected,
  type SendOutcome,
  sending,
  settled,
  skipped,
} from "../../../shared/email/ledger.ts";
import { hours, minutes, plus } from "./world.ts";

const now = new Date("2026-03-01T10:00:00.000Z");
const key = ledgerKey({ contactId: "c1" }, "welcome:run1:0");
const facts = {
  stream: "marketing",
  template: "welcome@1",
  messageKey: "welcome:run1:0",
  addressHash: "hash",
  correlationId: "corr",
  requestedAt: now.toISOString(),
} as const;

function entry(state: LedgerState, more: Partial<LedgerEntry> = {}): LedgerEntry {
  return { ...sending(undefined, key, facts, now), state, ...more };
}

const sent: SendOutcome = { kind: "sent", sesMessageId: "ses-1" };
const lost: SendOutcome = { kind: "unknown", reason: "TimeoutError" };
const refused = (retry: "soon" | "later" | "never", reason = "MessageRejected"): SendOutcome => ({
  kind: "refused",
  retry,
  reason,
});
const resendable = { stream: "transactional", again: { templateId: "form-acknowledgement" } } as const;

describe("what a worker does with a request", () => {
  const past = plus(now, -1).toISOString();
  const ahead = plus(now, minutes(1)).toISOString();
  const dayAgo = plus(now, -hours(24)).toISOString();
  test.each([
    ["there is no entry", undefined, "send"],
    ["it is claimed", entry("CLAIMED"), "send"],
    ["it is claimed until later", entry("CLAIMED", { notBefore: ahead }), "postpone"],
    ["another worker sends it now", entry("SENDING", { leaseUntil: ahead }), "wait"],
    ["its lease ran out", entry("SENDING", { leaseUntil: past }), "write UNKNOWN"],
    ["its fate is unknown since a moment", entry("UNKNOWN", { unknownAt: past }), "nothing"],
    ["its fate is unknown for 24 hours", entry("UNKNOWN", { unknownAt: dayAgo }), "write UNCONFIRMED"],
    ["the same, transactional", entry("UNKNOWN", { unknownAt: dayAgo, ...resendable }), "send"],
    [
      "the same, sent again before",
      entry("UNKNOWN", { unknownAt: dayAgo, ...resendable, resends: 1 }),
      "write UNCONFIRMED",
    ],
    [
      "the same, marketing with its data",
      entry("UNKNOWN", { unknownAt: dayAgo, again: resendable.again }),
      "write UNCONFIRMED",
    ],
    ["it is sent", entry("SENT"), "nothing"],
    ["it is unconfirmed", entry("UNCONFIRMED"), "nothing"],
    ["it is skipped", entry("SKIPPED"), "nothing"],
    ["it has failed", entry("FAILED"), "nothing"],
  ])("when %s", (_, held, expected) => {
    const step = nextStep(held, now);
    expect(step.do === "write" ? `write ${step.entry.state}` : step.do).toBe(expected);
  });
});

describe("what an answer of SES makes of it", () => {
  const first = entry("SENDING");
  test.each([
    ["sent", first, sent, { state: "SENT", sesMessageId: "ses-1", sentAt: now.toISOString() }],
    ["sent, after the lease was given up", entry("UNKNOWN"), sent, { state: "SENT" }],
    ["sent, after it was closed", entry("UNCONFIRMED"), sent, { state: "SENT" }],
    ["lost", first, lost, { state: "UNKNOWN", unknownAt: now.toISOString(), reason: "TimeoutError" }],
    ["refused for ever", first, refused("never"), { state: "FAILED", reason: "MessageRejected" }],
    [
      "refused",
      first,
      refused("soon"),
      { state: "CLAIMED", refusals: 1, notBefore: plus(now, minutes(1)).toISOString() },
    ],
    ["refused the sixth time", { ...first, refusals: 5 }, refused("soon"), { state: "FAILED", refusals: 6 }],
    ["a rate", { ...first, refusals: 5 }, refused("later", "Throttling"), { state: "CLAIMED", refusals: 5 }],
    [
      "a daily quota",
      first,
      refused("later", "Throttling: daily quota"),
      { state: "CLAIMED", notBefore: plus(now, hours(1)).toISOString() },
    ],
    ["refused after the lease was given up", entry("UNKNOWN"), refused("soon"), { state: "CLAIMED" }],
    ["a resend refused", { ...first, attempt: 1, resends: 1 }, refused("soon"), { state: "UNCONFIRMED" }],
  ] as const)("%s", (_, held, outcome, expected) => {
    const result = settled(held, 1, outcome, now);
    expect(result).toMatchObject(expected);
    expect(result?.version).toBe(held.version + 1);
    expect(result).not.toHaveProperty("leaseUntil");
  });

  test.each([
    ["sent, which an event has told already", entry("SENT"), sent],
    ["sent, which SES has rejected since", entry("FAILED"), sent],
    ["lost, which is known", entry("UNKNOWN"), lost],
    ["refused, which an event disproves", entry("SENT"), refused("soon")],
    ["refused, of an older call", entry("SENDING", { attempt: 2 }), refused("soon")],
  ] as const)("nothing when it says: %s", (_, held, outcome) => {
    expect(settled(held, 1, outcome, now)).toBeUndefined();
  });

  test("pauses double from a minute up to an hour", () => {
    const pauses = [1, 2, 3, 6, 7, 20].map((attempt) => {
      const claimed = settled({ ...first, attempt }, attempt, refused("later", "Throttling"), now);
      return (Date.parse(claimed?.notBefore ?? "") - now.getTime()) / 60_000;
    });
    expect(pauses).toEqual([1, 2, 4, 32, 60, 60]);
  });
});

describe("what an event of SES makes of it", () => {
  test.each(["CLAIMED", "SENDING", "UNKNOWN", "UNCONFIRMED", "SKIPPED"] as const)(
    "%s becomes SENT by proof",
    (state) => {
      expect(proved(entry(state), "ses-1", now)).toMatchObject({ state: "SENT", sesMessageId: "ses-1" });
    },
  );
  test("a rejection makes a sent mail failed and keeps when it was sent", () => {
    const mail = entry("SENT", { sentAt: now.toISOString() });
    expect(rejected(mail, "rejected: Bad content", now)).toMatchObject({ state: "FAILED", sentAt: now.toISOString() });
    expect(rejected(entry("FAILED"), "rejected", now)).toBeUndefined();
  });
});

test("taking the lease counts the call, and a resend", () => {
  const claimed = entry("CLAIMED", { attempt: 2, notBefore: now.toISOString(), reason: "Throttling" });
  const lease = sending(claimed, key, facts, now);
  expect(lease).toMatchObject({ state: "SENDING", attempt: 3, resends: 0, version: claimed.version + 1 });
  expect(lease).not.toHaveProperty("notBefore");
  expect(sending(entry("UNKNOWN"), key, facts, now)).toMatchObject({ resends: 1 });
});

test("a mail that may have been sent is never called skipped", () => {
  expect(skipped(undefined, key, facts, "suppressed", now)).toMatchObject({ state: "SKIPPED", version: 1 });
  expect(skipped(entry("UNKNOWN"), key, facts, "suppressed", now)).toMatchObject({ state: "UNCONFIRMED" });
});

test("staff's mail stands under the hash of the normalised address", () => {
  const { pk } = ledgerKey({ staff: { name: "Mia", email: "Mia@Example.com" } }, "digest:1");
  expect(pk).toMatch(/^STAFF#[0-9a-f]{32}$/);
  expect(pk).toBe(ledgerKey({ staff: { name: "", email: "mia@example.com" } }, "digest:2").pk);
});
