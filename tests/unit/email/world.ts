import type { Due } from "../../../shared/due/due.ts";
import type { DeliveryDeps } from "../../../shared/email/delivery.ts";
import type { LedgerEntry } from "../../../shared/email/ledger.ts";
import type { Ledger } from "../../../shared/email/ledger-store.ts";
import { templateOf } from "../../../shared/email/templates/templates.ts";

/** A ledger in memory with the store's conditions. */
export function memoryLedger(): Ledger & { entry: () => LedgerEntry | undefined } {
  let held: LedgerEntry | undefined;
  return {
    entry: () => held,
    read: async () => held,
    write: async (entry) => {
      if ((held?.version ?? 0) !== entry.version - 1) return held ?? Promise.reject(new Error("removed"));
      held = entry;
      return "written";
    },
  };
}

export const recipient = { address: "ann@example.com", name: "Ann Example", firstName: "Ann" };

/** Never quiet, never full. */
export const rules = {
  timeZone: "UTC",
  quietHours: { from: 0, until: 0 },
  consentPolicy: "subscribed",
  cap: { mails: 3, days: 7, gapHours: 20 },
} as const;

/** Everything a delivery needs, all well: a known contact with granted consent, and an SES that takes every mail. */
export function world(start = "2026-03-01T10:00:00.000Z") {
  const clock = { now: new Date(start) };
  const ledger = memoryLedger();
  const dues: Due[] = [];
  const calls: string[] = [];
  const deps: DeliveryDeps = {
    ledger,
    readRecipient: async () => recipient,
    readConsent: async () => ({ state: "granted" }),
    readSuppression: async () => undefined,
    readGate: async () => "open",
    templateOf: async (id) => templateOf(id),
    caps: {
      claim: async (_, { notBefore, now: at }) =>
        notBefore !== undefined && notBefore > at ? { at: notBefore } : "granted",
      release: async () => {},
    },
    rules,
    recommend: async () => [],
    pace: async () => "now",
    compose: async () => ({ to: recipient.address, raw: Buffer.from("raw") }),
    send: async ({ to }) => {
      calls.push(to);
      return { kind: "sent", sesMessageId: `ses-${calls.length}` };
    },
    putDue: async (due) => {
      dues.push(due);
    },
    now: () => clock.now,
  };
  return { clock, ledger, dues, calls, deps };
}

export const message = {
  owner: { contactId: "c1" },
  messageKey: "welcome:run1:0",
  templateId: "welcome",
  requestedAt: "2026-03-01T10:00:00.000Z",
  correlationId: "corr-1",
};

export function plus(start: Date, milliseconds: number): Date {
  return new Date(start.getTime() + milliseconds);
}

export const minutes = (count: number): number => count * 60_000;
export const hours = (count: number): number => count * 3_600_000;
