import type { EventFacts, SesEventType } from "./events.ts";

/** What becomes of a mail at each kind of address: SES's mailbox simulator, and everyone else. */

export type Outcome = "delivered" | "bounced" | "suppressed" | "complained";

const SIMULATED: Readonly<Record<string, Outcome>> = {
  success: "delivered",
  bounce: "bounced",
  // An out-of-office answer goes to the sender's mailbox; for SES the mail was delivered.
  ooto: "delivered",
  complaint: "complained",
  suppressionlist: "suppressed",
};

/** The simulator's addresses take labels (`bounce+order1@…`); any other address receives its mail. */
export function outcomeOf(address: string): Outcome {
  const [, name = ""] = /^([^@+]+)(?:\+[^@]*)?@simulator\.amazonses\.com$/i.exec(address) ?? [];
  return SIMULATED[name.toLowerCase()] ?? "delivered";
}

const FOLLOWING: Readonly<Record<Outcome, readonly { readonly type: SesEventType; readonly suppressed?: boolean }[]>> =
  {
    delivered: [{ type: "Delivery" }],
    bounced: [{ type: "Bounce" }],
    suppressed: [{ type: "Bounce", suppressed: true }],
    complained: [{ type: "Delivery" }, { type: "Complaint" }],
  };

/** Send first, then what each group of recipients meets. */
export function eventsOf(destination: readonly string[]): readonly Omit<EventFacts, "at">[] {
  const groups = Map.groupBy(destination, outcomeOf);
  const following = [...groups].flatMap(([outcome, recipients]) =>
    FOLLOWING[outcome].map((facts) => ({ ...facts, recipients })),
  );
  return [{ type: "Send", recipients: destination }, ...following];
}
