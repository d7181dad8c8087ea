import { type SESClient, SendRawEmailCommand } from "@aws-sdk/client-ses";
import type { SendOutcome } from "./ledger.ts";
import { outcomeOfError } from "./ses-outcome.ts";
import type { MailTags } from "./ses-tags.ts";

/** A mail that is ready to leave. */
export interface ReadyMail {
  readonly to: string;
  readonly raw: Uint8Array;
  readonly tags: MailTags;
}

export type SendMail = (mail: ReadyMail) => Promise<SendOutcome>;

/**
 * Sends by SES. The client must be made with `maxAttempts: 1`: SES knows no idempotency token, so a retry may send twice.
 * It never throws: what went wrong is the outcome.
 */
export function sendBySes({
  client,
  configurationSet,
}: {
  client: Pick<SESClient, "send">;
  configurationSet: string;
}): SendMail {
  return async ({ to, raw, tags }) => {
    try {
      const { MessageId } = await client.send(
        new SendRawEmailCommand({
          Destinations: [to],
          RawMessage: { Data: raw },
          ConfigurationSetName: configurationSet,
          Tags: Object.entries(tags).map(([Name, Value]) => ({ Name, Value })),
        }),
      );
      return MessageId === undefined
        ? { kind: "unknown", reason: "no message id" }
        : { kind: "sent", sesMessageId: MessageId };
    } catch (error) {
      return outcomeOfError(error);
    }
  };
}
