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

/** The harmless file that scanners agree to call a virus (EICAR); SES rejects a message that holds it. */
const TEST_VIRUS = ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$", "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"].join("");

function isRejected(raw: Buffer): boolean {
  const unfolded = raw.toString("latin1").replace(/\r?\n/g, "");
  return [TEST_VIRUS, Buffer.from(TEST_VIRUS).toString("base64").slice(0, 88)].some((form) => unfolded.includes(form));
}

/** What follows a message, before any reader acts: Send first, then what each group of recipients meets. */
export function eventsOf(mail: {
  readonly destination: readonly string[];
  readonly raw: Buffer;
}): readonly Omit<EventFacts, "at">[] {
  const { destination, raw } = mail;
  const send = { type: "Send" as const, recipients: destination };
  if (isRejected(raw)) return [send, { type: "Reject", recipients: destination }];
  const groups = Map.groupBy(destination, outcomeOf);
  return [
    send,
    ...[...groups].flatMap(([outcome, recipients]) => FOLLOWING[outcome].map((facts) => ({ ...facts, recipients }))),
  ];
}
