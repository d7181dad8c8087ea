import { randomUUID } from "node:crypto";
import type { EventBus } from "../interfaces.ts";
import { commonHeadersOf, type MailHeader } from "./message.ts";

/** SES's event records as EventBridge receives them. Pure: ids and times come in with the facts, feedback ids apart. */

export type SesEventType = "Send" | "Delivery" | "Bounce" | "Complaint" | "Open" | "Click" | "Reject" | "DeliveryDelay";
export type SesEvent = Parameters<EventBus["put"]>[0];

/** A message that SES accepted, as its events tell it. */
export interface MailRecord {
  readonly messageId: string;
  /** ISO time of acceptance. */
  readonly timestamp: string;
  /** Envelope sender. */
  readonly source: string;
  readonly destination: readonly string[];
  readonly headers: readonly MailHeader[];
  readonly configurationSet?: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly operation: string;
  readonly callerIdentity: string;
}

const DETAIL_TYPES: Readonly<Record<SesEventType, string>> = {
  Send: "Email Sent",
  Delivery: "Email Delivered",
  Bounce: "Email Bounced",
  Complaint: "Email Complaint Received",
  Open: "Email Opened",
  Click: "Email Clicked",
  Reject: "Email Rejected",
  DeliveryDelay: "Email Delivery Delayed",
};

const USER_AGENT =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36";
/** Documentation addresses (RFC 5737): no real host is named. */
const READER_IP = "192.0.2.1";
const OUTGOING_IP = "192.0.2.10";

export interface Place {
  readonly region: string;
  readonly account: string;
}

export interface EventFacts {
  readonly type: SesEventType;
  /** ISO time of the event. */
  readonly at: string;
  readonly recipients: readonly string[];
  /** Bounce only: the address was on the suppression list. */
  readonly suppressed?: boolean;
  /** Click only. */
  readonly link?: string;
}

export function sesEvent(mail: MailRecord, facts: EventFacts, place: Place): SesEvent {
  const set = mail.configurationSet ?? "";
  return {
    source: "aws.ses",
    "detail-type": DETAIL_TYPES[facts.type],
    resources: [`arn:aws:ses:${place.region}:${place.account}:configuration-set/${set}`],
    detail: { eventType: facts.type, mail: mailDetail(mail, facts, place), ...specifics(mail, facts) },
  };
}

function mailDetail(mail: MailRecord, facts: EventFacts, place: Place): unknown {
  const domain = mail.source.split("@").at(-1)?.replace(">", "") ?? "";
  return {
    timestamp: mail.timestamp,
    source: mail.source,
    sourceArn: `arn:aws:ses:${place.region}:${place.account}:identity/${domain}`,
    sendingAccountId: place.account,
    messageId: mail.messageId,
    destination: mail.destination,
    headersTruncated: false,
    // A delay report carries no headers.
    ...(facts.type === "DeliveryDelay"
      ? {}
      : { headers: mail.headers, commonHeaders: { ...commonHeadersOf(mail.headers), messageId: mail.messageId } }),
    tags: {
      "ses:operation": [mail.operation],
      ...(mail.configurationSet === undefined ? {} : { "ses:configuration-set": [mail.configurationSet] }),
      "ses:source-ip": ["192.0.2.20"],
      "ses:from-domain": [domain],
      "ses:caller-identity": [mail.callerIdentity],
      ...(facts.type === "Delivery" ? { "ses:outgoing-ip": [OUTGOING_IP] } : {}),
      ...Object.fromEntries(Object.entries(mail.tags).map(([name, value]) => [name, [value]])),
    },
  };
}

function specifics(mail: MailRecord, facts: EventFacts): Readonly<Record<string, unknown>> {
  const timestamp = facts.at;
  switch (facts.type) {
    case "Send":
      return { send: {} };
    case "Reject":
      return { reject: { reason: "Bad content" } };
    case "Delivery":
      return { delivery: delivery(mail, facts) };
    case "Bounce":
      return { bounce: bounce(facts) };
    case "Complaint":
      return { complaint: complaint(facts) };
    case "Open":
      return { open: { timestamp, userAgent: USER_AGENT, ipAddress: READER_IP } };
    case "Click":
      return { click: { timestamp, ipAddress: READER_IP, userAgent: USER_AGENT, link: facts.link, linkTags: null } };
    case "DeliveryDelay":
      return { deliveryDelay: delay(facts) };
  }
}

function delivery(mail: MailRecord, { at, recipients }: EventFacts): unknown {
  return {
    timestamp: at,
    processingTimeMillis: Math.max(0, Date.parse(at) - Date.parse(mail.timestamp)),
    recipients,
    smtpResponse: "250 2.6.0 Message received",
    reportingMTA: "a1-10.smtp-out.amazonses.com",
  };
}

function bounce({ at, recipients, suppressed }: EventFacts): unknown {
  const diagnosticCode = suppressed
    ? "Amazon SES has suppressed sending to this address because it has a recent history of bouncing as an invalid address."
    : "smtp; 550 5.1.1 user unknown";
  return {
    bounceType: "Permanent",
    bounceSubType: suppressed ? "Suppressed" : "General",
    bouncedRecipients: recipients.map((emailAddress) => ({
      emailAddress,
      action: "failed",
      status: "5.1.1",
      diagnosticCode,
    })),
    timestamp: at,
    feedbackId: feedbackId(),
    reportingMTA: "dns; amazonses.com",
  };
}

function complaint({ at, recipients }: EventFacts): unknown {
  return {
    complainedRecipients: recipients.map((emailAddress) => ({ emailAddress })),
    timestamp: at,
    feedbackId: feedbackId(),
    complaintSubType: null,
    userAgent: "Amazon SES Mailbox Simulator",
    complaintFeedbackType: "abuse",
    arrivalDate: at,
  };
}

function delay({ at, recipients }: EventFacts): unknown {
  return {
    timestamp: at,
    delayType: "TransientCommunicationFailure",
    expirationTime: new Date(Date.parse(at) + 14 * 3_600_000).toISOString(),
    delayedRecipients: recipients.map((emailAddress) => ({
      emailAddress,
      status: "4.4.1",
      diagnosticCode: "smtp; 421 4.4.1 Unable to connect to remote host",
    })),
  };
}

function feedbackId(): string {
  return `0100${randomUUID().replaceAll("-", "").slice(0, 12)}-${randomUUID()}-000000`;
}
