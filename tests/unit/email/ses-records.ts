import { tagsOf } from "../../../shared/email/ses-tags.ts";
import type { Key } from "../../../shared/table/item.ts";

/** An SES event as EventBridge puts it on the queue. */
export function sesRecord(eventType: string, more: object = {}, key?: Key): unknown {
  const ours = key === undefined ? {} : tagsOf(key);
  const tags = Object.fromEntries(Object.entries(ours).map(([name, value]) => [name, [value]]));
  return {
    version: "0",
    id: "7bf73129-1428-4cd3-a780-95db273d1602",
    source: "aws.ses",
    "detail-type": `Email ${eventType}`,
    detail: {
      eventType,
      mail: {
        timestamp: "2026-03-01T10:00:01.012Z",
        source: "Sender Name <sender@example.com>",
        sendingAccountId: "123456789012",
        messageId: "0100-ses-1",
        destination: ["ann@example.com"],
        headersTruncated: false,
        tags: { "ses:configuration-set": ["mail"], ...tags },
      },
      ...more,
    },
  };
}

export const records = {
  send: { send: {} },
  delivery: {
    delivery: { timestamp: "2026-03-01T10:00:04.133Z", processingTimeMillis: 3, recipients: ["ann@example.com"] },
  },
  open: { open: { ipAddress: "192.0.2.1", timestamp: "2026-03-01T11:00:00.652Z", userAgent: "Mozilla/5.0" } },
  bounce: {
    bounce: {
      bounceType: "Permanent",
      bounceSubType: "General",
      bouncedRecipients: [{ emailAddress: "ann@example.com", status: "5.1.1" }],
      timestamp: "2026-03-01T10:00:05.669Z",
      feedbackId: "f-1",
    },
  },
  transient: {
    bounce: { bounceType: "Transient", bounceSubType: "MailboxFull", timestamp: "2026-03-01T10:00:05.669Z" },
  },
  complaint: {
    complaint: { timestamp: "2026-03-01T12:00:00.669Z", feedbackId: "f-2", complaintFeedbackType: "abuse" },
  },
  reject: { reject: { reason: "Bad content" } },
  renderingFailure: { failure: { errorMessage: "Attribute 'x' is not present", templateName: "T" } },
  deliveryDelay: {
    deliveryDelay: { timestamp: "2026-03-01T10:20:00.095Z", delayType: "TransientCommunicationFailure" },
  },
};

export function click(link: string): object {
  return { click: { ipAddress: "192.0.2.1", link, timestamp: "2026-03-01T11:01:00.570Z", userAgent: "Mozilla/5.0" } };
}
