import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { RetryMessage } from "./retry-message.ts";

/** Puts failed stages on the retry queue. */
export function createRetryQueue({ client, url }: { client: Pick<SQSClient, "send">; url: string }) {
  return async (message: RetryMessage): Promise<void> => {
    await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: JSON.stringify(message) }));
  };
}
