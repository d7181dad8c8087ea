import type { SQSClient } from "@aws-sdk/client-sqs";
import { createBatchQueue } from "../queues/batch-queue.ts";
import type { MailMessageInput } from "./mail-message.ts";

export type MailQueue = (message: MailMessageInput) => Promise<void>;

/** Sends mail requests; those of one turn of the event loop travel in one batch. */
export function createMailQueue(options: { client: Pick<SQSClient, "send">; url: string }): MailQueue {
  return createBatchQueue<MailMessageInput>(options);
}
