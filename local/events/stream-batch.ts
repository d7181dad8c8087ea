import { randomUUID } from "node:crypto";
import type { EventSourceModel } from "../assembly/model.ts";
import type { Clock, InvocationResult, Invoker } from "../interfaces.ts";
import { failedOf } from "./partial-failure.ts";
import { backoffMs, type Log, messageOf, parseArn, pause } from "./source.ts";
import type { StreamRecord } from "./stream-record.ts";

export interface BatchParts {
  readonly source: EventSourceModel;
  readonly invoker: Invoker;
  readonly clock: Clock;
  readonly log: Log;
  readonly name: string;
  /** Sends the note on a discarded batch to the on-failure queue. */
  readonly sendFailure: (body: object) => Promise<void>;
  /** These records are done with: handled or given up. */
  readonly confirm: (records: readonly StreamRecord[]) => void;
  /** Given when the source closes: what is not confirmed then is read again. */
  readonly stop: AbortSignal;
}

interface Attempt {
  /** Invocations that ran and failed, splits aside. */
  readonly failures: number;
  readonly invocations: number;
  readonly last?: InvocationResult;
}

const RETRY_MS = { first: 50, most: 2_000 } as const;
const START: Attempt = { failures: 0, invocations: 0 };

type Condition = "RetryAttemptsExhausted" | "RecordAgeExceeded";

/** Hands a batch to the function until each record of it is handled or given up, as Lambda's stream poller does. */
export async function handleBatch(parts: BatchParts, batch: readonly StreamRecord[], from = START): Promise<void> {
  let records = batch;
  let attempt = from;
  while (records.length > 0 && !parts.stop.aborted) {
    records = await giveUpOld(parts, records, attempt);
    if (records.length === 0) return;
    const result = await parts.invoker.invoke(
      parts.source.functionName,
      { Records: records.map((record) => record.event) },
      { route: "stream" },
    );
    attempt = { ...attempt, invocations: attempt.invocations + 1, last: result };
    if (result.error?.kind === "throttle") {
      // A throttled call never ran, so it counts as no attempt.
      await pause(backoffMs(attempt.invocations, RETRY_MS.first, RETRY_MS.most), parts.stop);
      continue;
    }
    const rest = confirmHandled(parts, records, result);
    if (rest.length === 0) return;
    if (rest.length < records.length) {
      records = rest;
      attempt = { ...START, last: result };
      continue;
    }
    report(parts, records, result, attempt);
    if (parts.source.bisectOnError && records.length > 1) return handleHalves(parts, records, attempt);
    attempt = { ...attempt, failures: attempt.failures + 1 };
    const { maximumRetryAttempts } = parts.source;
    if (maximumRetryAttempts >= 0 && attempt.failures > maximumRetryAttempts) {
      return giveUp(parts, records, "RetryAttemptsExhausted", attempt);
    }
    await pause(backoffMs(attempt.failures, RETRY_MS.first, RETRY_MS.most), parts.stop);
  }
}

// Splitting does not count as a retry.
async function handleHalves(parts: BatchParts, records: readonly StreamRecord[], attempt: Attempt): Promise<void> {
  const middle = Math.ceil(records.length / 2);
  await handleBatch(parts, records.slice(0, middle), attempt);
  await handleBatch(parts, records.slice(middle), attempt);
}

// The checkpoint is the first record that failed, in the order of delivery; all from there on comes again.
function confirmHandled(
  parts: BatchParts,
  records: readonly StreamRecord[],
  result: InvocationResult,
): readonly StreamRecord[] {
  const identifiers = records.map((record) => record.sequenceNumber);
  const failed = failedOf(result, identifiers, parts.source.reportBatchItemFailures);
  const first = identifiers.findIndex((identifier) => failed.has(identifier));
  const handled = first === -1 ? records : records.slice(0, first);
  parts.confirm(handled);
  return records.slice(handled.length);
}

async function giveUpOld(
  parts: BatchParts,
  records: readonly StreamRecord[],
  attempt: Attempt,
): Promise<readonly StreamRecord[]> {
  const seconds = parts.source.maximumRecordAgeSeconds;
  if (seconds < 0) return records;
  const oldest = parts.clock.now() - seconds * 1000;
  const old = records.filter((record) => record.arrivedAt < oldest);
  if (old.length === 0) return records;
  await giveUp(parts, old, "RecordAgeExceeded", attempt);
  return records.filter((record) => record.arrivedAt >= oldest);
}

async function giveUp(
  parts: BatchParts,
  records: readonly StreamRecord[],
  condition: Condition,
  attempt: Attempt,
): Promise<void> {
  const note = failureNote(parts, records, condition, attempt);
  parts.log({
    level: "error",
    source: parts.name,
    message: `gave up on ${records.length} record(s): ${condition} after ${attempt.invocations} invocation(s)`,
  });
  for (let tries = 1; !parts.stop.aborted; tries += 1) {
    try {
      await parts.sendFailure(note);
      return parts.confirm(records);
    } catch (error) {
      parts.log({ level: "error", source: parts.name, message: `on-failure queue: ${messageOf(error)}` });
      await pause(backoffMs(tries, RETRY_MS.first, RETRY_MS.most), parts.stop);
    }
  }
}

function failureNote(
  parts: BatchParts,
  records: readonly StreamRecord[],
  condition: Condition,
  attempt: Attempt,
): object {
  const { region, account } = parseArn(parts.source.sourceArn);
  const first = records.at(0);
  const last = records.at(-1);
  const time = (record: StreamRecord | undefined): string => new Date(record?.arrivedAt ?? 0).toISOString();
  const response = { statusCode: 200, executedVersion: "$LATEST" };
  return {
    requestContext: {
      requestId: randomUUID(),
      functionArn: `arn:aws:lambda:${region}:${account}:function:${parts.source.functionName}`,
      condition,
      approximateInvokeCount: attempt.invocations,
    },
    ...(attempt.last && {
      responseContext: { ...response, functionError: attempt.last.error ? "Unhandled" : null },
    }),
    version: "1.0",
    timestamp: new Date(parts.clock.now()).toISOString(),
    DDBStreamBatchInfo: {
      shardId: first?.shardId,
      startSequenceNumber: first?.sequenceNumber,
      endSequenceNumber: last?.sequenceNumber,
      approximateArrivalOfFirstRecord: time(first),
      approximateArrivalOfLastRecord: time(last),
      batchSize: records.length,
      streamArn: parts.source.sourceArn,
    },
  };
}

function report(parts: BatchParts, records: readonly StreamRecord[], result: InvocationResult, attempt: Attempt): void {
  const why = result.error ? `${result.error.type}: ${result.error.message}` : "the function reported its first record";
  parts.log({
    level: "warn",
    source: parts.name,
    message: `${records.length} record(s) from ${records.at(0)?.sequenceNumber} failed, try ${attempt.failures + 1}: ${why}`,
  });
}
