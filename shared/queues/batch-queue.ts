import { SendMessageBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";

/** Limits of SendMessageBatch: entries, and bytes of all bodies together. */
const batchEntries = 10;
const batchBytes = 1_048_576;

interface Waiting {
  readonly body: string;
  readonly bytes: number;
  readonly delaySeconds: number;
  readonly resolve: () => void;
  readonly reject: (reason: Error) => void;
}

/** The longest delay that SQS knows. */
export const longestDelaySeconds = 900;

/** Sends one message, hidden from its consumer for `delaySeconds` (at most 900). */
export type BatchQueue<Body extends object> = (body: Body, delaySeconds?: number) => Promise<void>;

/**
 * Sends messages to a queue. Calls made in the same turn of the event loop travel in one batch;
 * each promise settles by its own entry's result.
 */
export function createBatchQueue<Body extends object>({
  client,
  url,
}: {
  client: Pick<SQSClient, "send">;
  url: string;
}): BatchQueue<Body> {
  let waiting: Waiting[] = [];

  function flush(): void {
    const all = waiting;
    waiting = [];
    for (const batch of batchesOf(all)) void sendBatch(client, url, batch);
  }

  return (message, delaySeconds = 0) => {
    const body = JSON.stringify(message);
    const bytes = Buffer.byteLength(body);
    if (bytes > batchBytes) {
      return Promise.reject(new Error(`The message has ${bytes} bytes; the queue takes 1 MiB.`));
    }
    return new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(flush);
      waiting.push({ body, bytes, delaySeconds, resolve, reject });
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
    const entries = batch.map(({ body, delaySeconds }, index) => ({
      Id: String(index),
      MessageBody: body,
      ...(delaySeconds > 0 && { DelaySeconds: delaySeconds }),
    }));
    const answer = await client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries: entries }));
    const accepted = new Set((answer.Successful ?? []).map(({ Id }) => Id));
    const failures = new Map((answer.Failed ?? []).map((failure) => [failure.Id, failure]));
    batch.forEach((entry, index) => {
      const failure = failures.get(String(index));
      if (accepted.has(String(index))) entry.resolve();
      else
        entry.reject(
          new Error(`The queue refused a message: ${failure?.Code ?? "no result"} ${failure?.Message ?? ""}`),
        );
    });
  } catch (cause) {
    for (const entry of batch) entry.reject(new Error("The queue could not be reached.", { cause }));
  }
}
