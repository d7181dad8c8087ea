import type { MailQueue } from "../email/mail-queue.ts";
import type { Stage } from "../stream/stage.ts";
import { alarmSchema } from "./alarm.ts";
import { alarmMail } from "./alarm-mail.ts";

/**
 * Tells the owner of a KPI, once, that an alarm has opened. What it is later, and that it has closed, is told to
 * nobody. The alarm's id is the mail's key, so that the ledger lets one through whatever is repeated.
 */
export function alarmMailStage({ sendMail }: { readonly sendMail: MailQueue }): Stage {
  return {
    name: "alarm-mail",
    kind: "alarm",
    wants: ({ item, previous }) => item.state === "open" && item.id !== previous?.id,
    async run({ item }) {
      const alarm = alarmSchema.parse(item);
      const content = alarmMail(alarm);
      for (const staff of alarm.recipients) {
        await sendMail({ owner: { staff }, messageKey: `alarm-${alarm.id}`, content, correlationId: alarm.id });
      }
    },
  };
}
