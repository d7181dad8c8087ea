import { SendMessageBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { MailMessageInput } from "./mail-message.ts";

/** Limits of SendMessageBatch: entries, and bytes of all bodies together. */
const batchEntries = 10;
const batchBytes = 1_048_576;

interface Waiting {
  readonly body: string;
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (reason: Error) => void;
}

export type MailQueue = (message: MailMessageInput) => Promise<void>;

/**
 * Sends mail requests. Calls made in the same turn of the event loop travel in one batch;
 * each promise settles by its own entry's result.
 */
export function createMailQueue({ client, url }: { client: Pick<SQSClient, "send">; url: string }): MailQueue {
  let waiting: Waiting[] = [];

  function flush(): void {
    const all = waiting;
    waiting = [];
    for (const batch of batchesOf(all)) void sendBatch(client, url, batch);
  }

  return (message) => {
    const body = JSON.stringify(message);
    const bytes = Buffer.byteLength(body);
    if (bytes > batchBytes) {
      return Promise.reject(
        new Error(`The mail request ${message.messageKey} has ${bytes} bytes; the queue takes 1 MiB.`),
      );
    }
    return new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(flush);
      waiting.push({ body, bytes, resolve, reject });
    });
  };
}

/** Splits in order, each batch within both limits. */
function batchesOf(all: readonly Waiting[]): Waiting[][] {
  const batches: Waiting[][] = [];
  let bytes = 0;
  for (const entry of all) {
    const last = batches.at(-1);
    if (last === undefined || last.length === batchEntries || bytes + entry.bytes > batchBytes) {
      batches.push([entry]);
      bytes = entry.bytes;
    } else {
      last.push(entry);
      bytes += entry.bytes;
    }
  }
  return batches;
}

async function sendBatch(client: Pick<SQSClient, "send">, url: string, batch: readonly Waiting[]): Promise<void> {
  try {
    const entries = batch.map(({ body }, index) => ({ Id: String(index), MessageBody: body }));
    const answer = await client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries: entries }));
    const accepted = new Set((answer.Successful ?? []).map(({ Id }) => Id));
    const failures = new Map((answer.Failed ?? []).map((failure) => [failure.Id, failure]));
    batch.forEach((entry, index) => {
      const failure = failures.get(String(index));
      if (accepted.has(String(index))) entry.resolve();
      else
        entry.reject(
          new Error(`The queue refused a mail request: ${failure?.Code ?? "no result"} ${failure?.Message ?? ""}`),
        );
    });
  } catch (cause) {
    for (const entry of batch) entry.reject(new Error("The mail queue could not be reached.", { cause }));
  }
}
