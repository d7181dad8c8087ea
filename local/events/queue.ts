import type { EventSourceModel, QueueModel } from "../assembly/model.ts";
import type { InvocationResult, Invoker } from "../interfaces.ts";
import { failedOf } from "./partial-failure.ts";
import { compileFilters, type Matcher } from "./pattern.ts";
import { createQueueClient, type QueueClient, type QueueMessage, toQueueRecord } from "./queue-client.ts";
import { backoffMs, type EventSource, type Log, messageOf, pause } from "./source.ts";

export interface QueueSourceOptions {
  readonly source: EventSourceModel;
  readonly queue: QueueModel;
  readonly sqsUrl: string;
  readonly invoker: Invoker;
  readonly log: Log;
}

/** AWS starts with five and grows; a laptop stays there unless the source says otherwise. */
const USUAL_CONCURRENCY = 5;
const LONG_POLL_SECONDS = 2;
const COLLECT_MS = 20;
/** So long after somebody asked for rest no window holds messages back. */
const HURRY_MS = 100;
const TROUBLE_MS = { first: 50, most: 1_000 } as const;

/** Feeds a function from a queue, as an event source mapping does. */
export function startQueueSource(options: QueueSourceOptions): EventSource {
  const { source, queue, log } = options;
  const name = `queue ${queue.name} → ${source.functionName}`;
  const client = createQueueClient(options.sqsUrl, source.sourceArn);
  const mostInFlight = source.maximumConcurrency ?? USUAL_CONCURRENCY;
  const inFlight = new Set<Promise<void>>();
  const deliver = createDelivery(options, client, name);
  let collecting = 0;
  let hurriedUntil = 0;
  let begun = 0;
  let closed = false;
  let enabled = true;

  const dispatch = (messages: readonly QueueMessage[]): void => {
    begun += 1;
    const work: Promise<void> = deliver(messages, () => closed)
      .catch((error: unknown) => log({ level: "error", source: name, message: messageOf(error) }))
      .finally(() => inFlight.delete(work));
    inFlight.add(work);
  };

  /** Adds to what came until the batch is full or the window has passed. */
  const collect = async (first: readonly QueueMessage[]): Promise<readonly QueueMessage[]> => {
    const messages = [...first];
    const deadline = performance.now() + source.windowSeconds * 1000;
    const open = (): boolean => !closed && performance.now() < deadline && performance.now() >= hurriedUntil;
    while (messages.length < source.batchSize && open()) {
      const more = await client.receive(source.batchSize - messages.length, 0);
      messages.push(...more);
      if (more.length === 0) await pause(COLLECT_MS);
    }
    return messages;
  };

  const fetchBatch = async (waitSeconds: number): Promise<boolean> => {
    let arriving = 0;
    try {
      // From the first byte of the answer on: until then whatever is in the queue is still the queue's.
      const first = await client.receive(source.batchSize, waitSeconds, () => {
        arriving = 1;
        collecting += 1;
      });
      if (first.length === 0) return false;
      const messages = await collect(first);
      if (closed || !enabled) await client.release(messages);
      else dispatch(messages);
      return true;
    } finally {
      collecting -= arriving;
    }
  };

  const run = async (): Promise<void> => {
    let troubles = 0;
    while (!closed) {
      if (!enabled) {
        await pause(COLLECT_MS);
        continue;
      }
      if (inFlight.size >= mostInFlight) {
        await Promise.race(inFlight);
        continue;
      }
      try {
        await fetchBatch(LONG_POLL_SECONDS);
        troubles = 0;
      } catch (error) {
        troubles += 1;
        if (!closed) log({ level: "warn", source: name, message: `cannot read the queue: ${messageOf(error)}` });
        await pause(backoffMs(troubles, TROUBLE_MS.first, TROUBLE_MS.most));
      }
    }
  };
  const running = run();

  return {
    // A long poll wakes by itself when a message comes.
    poke: () => undefined,
    async idle() {
      hurriedUntil = performance.now() + HURRY_MS;
      const resting = (): boolean => inFlight.size === 0 && collecting === 0;
      // Receiving makes the engine look at its clock, so what fell due a moment ago counts.
      if (!enabled) return resting();
      return resting() && !(await fetchBatch(0).catch(() => true)) && resting();
    },
    busyWith: () => `${name}: ${inFlight.size} batch(es) in hand`,
    activity: () => begun,
    nextDue: async () => (enabled ? client.nextVisible() : undefined),
    feeds: source.functionName,
    setEnabled(wanted) {
      enabled = wanted;
    },
    async close() {
      closed = true;
      await Promise.all(inFlight);
      // The last long poll ends by itself; what it still brings goes back to the queue.
      void running.finally(client.close);
    },
  };
}

type Delivery = (messages: readonly QueueMessage[], closed: () => boolean) => Promise<void>;

function createDelivery(options: QueueSourceOptions, client: QueueClient, name: string): Delivery {
  const { source, queue, invoker, log } = options;
  const passes = compileFilters(source.filters);
  const holdMs = (queue.visibilityTimeoutSeconds * 1000) / 2;
  const route = `queue:${queue.name}`;

  // A throttled call is held and tried again, which costs the message no receive; AWS gives it back and counts one.
  const invoke = async (event: unknown, closed: () => boolean): Promise<InvocationResult> => {
    const deadline = performance.now() + holdMs;
    for (let tries = 1; ; tries += 1) {
      const result = await invoker.invoke(source.functionName, event, { route });
      if (result.error?.kind !== "throttle" || closed() || performance.now() > deadline) return result;
      await pause(backoffMs(tries, TROUBLE_MS.first, TROUBLE_MS.most));
    }
  };

  return async (messages, closed) => {
    const wanted = messages.filter((message) => passesFilter(message, source.sourceArn, passes));
    await client.delete(messages.filter((message) => !wanted.includes(message)));
    if (wanted.length === 0) return;
    const result = await invoke({ Records: wanted.map((message) => toQueueRecord(message, source.sourceArn)) }, closed);
    if (result.error?.kind === "throttle") return client.release(wanted);
    const identifiers = wanted.map((message) => message.MessageId);
    const failed = failedOf(result, identifiers, source.reportBatchItemFailures);
    if (failed.size > 0) {
      const why = result.error ? `${result.error.type}: ${result.error.message}` : "reported by the function";
      log({ level: "warn", source: name, message: `${failed.size} of ${wanted.length} message(s) failed: ${why}` });
    }
    await client.delete(wanted.filter((message) => !failed.has(message.MessageId)));
  };
}

// Lambda's filters see a JSON body as an object.
function passesFilter(message: QueueMessage, queueArn: string, passes: Matcher): boolean {
  const record = toQueueRecord(message, queueArn);
  return passes({ ...record, body: parsedBody(message.Body) });
}

function parsedBody(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
