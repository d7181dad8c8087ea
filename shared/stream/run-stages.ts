import type { DynamoDBBatchItemFailure, DynamoDBRecord } from "aws-lambda";
import { forEachConcurrently } from "./concurrency.ts";
import { correlationOf } from "./correlation.ts";
import { follow, runIfWanted } from "./follow.ts";
import { type RetryMessage, retryOf } from "./retry-message.ts";
import type { Change, Found, Stage } from "./stage.ts";
import { changeOf } from "./stream-record.ts";

/** What went wrong with a record, for the log. */
export interface StageFailure {
  readonly message: "a stage failed" | "a retry could not be queued" | "a record is not an item";
  readonly stage?: string;
  readonly correlationId: string;
  readonly error: unknown;
}

export interface RunnerOptions {
  readonly stages: readonly Stage[];
  /** Puts a failed stage on the retry queue. */
  readonly retryLater: (message: RetryMessage) => Promise<void>;
  readonly onFailure: (failure: StageFailure) => void;
  /** Partitions worked on at one time. */
  readonly concurrency?: number;
}

const defaultConcurrency = 32;

/**
 * Runs a batch of stream records through the stages of their kinds. Records of one partition keep their order, so that
 * writers of one contact do not meet; different partitions run beside each other. A stage that fails goes to the retry
 * queue and stops nothing.
 *
 * @returns the records to deliver again: those whose failed stage could not even be queued.
 */
export async function runStages(
  records: readonly DynamoDBRecord[],
  { stages, retryLater, onFailure, concurrency = defaultConcurrency }: RunnerOptions,
): Promise<DynamoDBBatchItemFailure[]> {
  const failures: DynamoDBBatchItemFailure[] = [];

  async function runRecord(record: DynamoDBRecord): Promise<void> {
    const change = readChange(record, onFailure);
    if (change === undefined) return;
    let lost = false;
    await follow(stages, change, async (stage, current) => {
      const result = await runStage(stage, current);
      if (result === "lost") lost = true;
      return result === "lost" ? undefined : result;
    });
    if (lost) failures.push({ itemIdentifier: record.dynamodb?.SequenceNumber ?? "" });
  }

  async function runStage(stage: Stage, change: Change): Promise<Found | undefined | "lost"> {
    const correlationId = correlationOf(change.item);
    try {
      return await runIfWanted(stage, change);
    } catch (error) {
      onFailure({ message: "a stage failed", stage: stage.name, correlationId, error });
    }
    try {
      await retryLater(retryOf(stage, change, correlationId));
      return undefined;
    } catch (error) {
      onFailure({ message: "a retry could not be queued", stage: stage.name, correlationId, error });
      return "lost";
    }
  }

  await forEachConcurrently(byPartition(records), concurrency, async (recordsOfOne) => {
    for (const record of recordsOfOne) await runRecord(record);
  });
  return failures;
}

/** A record that is no item of ours can never be handled: it is logged and left behind. */
function readChange(record: DynamoDBRecord, onFailure: RunnerOptions["onFailure"]): Change | undefined {
  try {
    return changeOf(record);
  } catch (error) {
    onFailure({ message: "a record is not an item", correlationId: record.eventID ?? "", error });
    return undefined;
  }
}

function byPartition(records: readonly DynamoDBRecord[]): readonly (readonly DynamoDBRecord[])[] {
  return [...Map.groupBy(records, ({ dynamodb }) => dynamodb?.Keys?.pk?.S).values()];
}
