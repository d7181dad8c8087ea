import type { LedgerState } from "./ledger.ts";

/** What became of a mail, for whoever counts. */
export const outcomes = ["sent", "skipped", "failed", "unconfirmed"] as const;
export type Outcome = (typeof outcomes)[number];

const ofState: Partial<Readonly<Record<string, Outcome>>> = {
  SENT: "sent",
  SKIPPED: "skipped",
  FAILED: "failed",
  UNKNOWN: "unconfirmed",
  UNCONFIRMED: "unconfirmed",
} satisfies Partial<Record<LedgerState, Outcome>>;

/** The outcome that a state of the ledger means; undefined while there is none. */
export function outcomeOf(state: unknown): Outcome | undefined {
  return ofState[String(state)];
}
