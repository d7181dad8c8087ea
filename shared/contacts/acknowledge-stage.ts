import type { MailMessageInput } from "../email/mail-message.ts";
import { contactOf, eventSchema, mayStart } from "../events/event.ts";
import { formPayloadSchema } from "../intake/intake.ts";
import type { Stage } from "../stream/stage.ts";

export interface AcknowledgeDependencies {
  readonly sendMail: (message: MailMessageInput) => Promise<void>;
}

/**
 * Tells a person who did not ask for marketing mail that the form has arrived: once per form and UTC day, so that a
 * flood of posts with somebody else's address sends that person one mail.
 */
export function acknowledgeStage({ sendMail }: AcknowledgeDependencies): Stage {
  return {
    name: "acknowledge",
    kind: "event",
    wants: ({ item, previous }) => previous === undefined && item.name === "Form Submitted",
    async run({ item }) {
      const event = eventSchema.parse(item);
      const { formId, marketing } = formPayloadSchema.parse(event.properties);
      if (marketing || !mayStart(event)) return;
      await sendMail({
        owner: { contactId: contactOf(event) },
        messageKey: `acknowledgement-${formId}-${event.receivedAt.slice(0, 10)}`,
        templateId: "form-acknowledgement",
        data: { formId },
        requestedAt: event.receivedAt,
        correlationId: event.intakeId ?? event.eventId,
      });
    },
  };
}
