import * as z from "zod/mini";

const instant = z.pipe(
  z.string(),
  z.transform((value: string, context) => {
    const at = new Date(value);
    if (!Number.isNaN(at.getTime())) return at;
    context.issues.push({ code: "custom", message: "not an instant", input: value });
    return z.NEVER;
  }),
);
const text = z.optional(z.string());
const mail = z.object({
  messageId: z.string(),
  timestamp: instant,
  tags: z.optional(z.record(z.string(), z.array(z.string()))),
});
const agent = z.optional(z.nullable(z.string()));
const timed = z.object({ timestamp: instant });

/** What is common to every record that SES publishes; the type tells which other member it has. */
const detailSchema = z.object({ eventType: z.string(), mail });

const bounceSchema = z.object({
  bounce: z.extend(timed, { bounceType: z.string(), bounceSubType: text }),
});
const complaintSchema = z.object({
  complaint: z.extend(timed, { complaintFeedbackType: z.optional(z.nullable(z.string())) }),
});
const deliverySchema = z.object({ delivery: timed });
const openSchema = z.object({ open: z.extend(timed, { userAgent: agent }) });
const clickSchema = z.object({ click: z.extend(timed, { link: z.string(), userAgent: agent }) });
const rejectSchema = z.object({ reject: z.object({ reason: z.string() }) });

/** What an SES event says of a mail. */
export type MailFact = {
  readonly sesMessageId: string;
  readonly tags: unknown;
  /** When SES took the mail. */
  readonly sentAt: Date;
  /** When it happened. */
  readonly at: Date;
} & (
  | { readonly type: "send" | "delivery" | "other" }
  | { readonly type: "open"; readonly userAgent: string | undefined }
  | { readonly type: "bounce"; readonly bounceType: string; readonly bounceSubType: string | undefined }
  | { readonly type: "complaint"; readonly feedbackType: string | undefined }
  | { readonly type: "click"; readonly link: string; readonly userAgent: string | undefined }
  | { readonly type: "reject"; readonly reason: string }
);

/** The envelope in which EventBridge puts the record on the queue. */
const envelopeSchema = z.object({ source: z.literal("aws.ses"), detail: z.unknown() });

/**
 * Reads a queue message, already parsed as JSON: the EventBridge event around the record of SES.
 *
 * @throws Error when it is none.
 */
export function parseSesEvent(body: unknown): MailFact {
  const { detail } = envelopeSchema.parse(body);
  const { eventType, mail } = detailSchema.parse(detail);
  const base = { sesMessageId: mail.messageId, tags: mail.tags, sentAt: mail.timestamp };
  // The same type is written "RenderingFailure" and "Rendering Failure".
  switch (eventType.replaceAll(" ", "")) {
    case "Send":
      return { ...base, type: "send", at: mail.timestamp };
    case "Delivery":
      return { ...base, type: "delivery", at: deliverySchema.parse(detail).delivery.timestamp };
    case "Open": {
      const { open } = openSchema.parse(detail);
      return { ...base, type: "open", at: open.timestamp, userAgent: open.userAgent ?? undefined };
    }
    case "Click": {
      const { click } = clickSchema.parse(detail);
      return { ...base, type: "click", at: click.timestamp, link: click.link, userAgent: click.userAgent ?? undefined };
    }
    case "Bounce": {
      const { timestamp, bounceType, bounceSubType } = bounceSchema.parse(detail).bounce;
      return { ...base, type: "bounce", at: timestamp, bounceType, bounceSubType };
    }
    case "Complaint": {
      const { timestamp, complaintFeedbackType } = complaintSchema.parse(detail).complaint;
      return { ...base, type: "complaint", at: timestamp, feedbackType: complaintFeedbackType ?? undefined };
    }
    case "Reject":
      return {
        ...base,
        type: "reject",
        at: mail.timestamp,
        reason: `rejected: ${rejectSchema.parse(detail).reject.reason}`,
      };
    case "RenderingFailure":
      return { ...base, type: "reject", at: mail.timestamp, reason: "rendering failure" };
    default:
      return { ...base, type: "other", at: mail.timestamp };
  }
}
