import { intakeSchema } from "../intake/intake.ts";
import type { Stage } from "../stream/stage.ts";
import type { MailMessageInput } from "./mail-message.ts";

/** A transactional mail that was asked for goes to the mail queue once its contact is known. */
export function messageRequestStage({
  sendMail,
}: {
  readonly sendMail: (message: MailMessageInput) => Promise<void>;
}): Stage {
  return {
    name: "message-request",
    kind: "intake",
    wants: ({ item, previous }) =>
      item.type === "message" && item.contactId !== undefined && previous?.contactId === undefined,
    async run({ item }) {
      const intake = intakeSchema.parse(item);
      if (intake.type !== "message" || intake.contactId === undefined) return;
      const { templateId, data, email } = intake.payload;
      await sendMail({
        owner: { contactId: intake.contactId },
        messageKey: `message-${intake.intakeId}`,
        templateId,
        data,
        to: email,
        requestedAt: intake.receivedAt,
        correlationId: intake.intakeId,
      });
    },
  };
}
