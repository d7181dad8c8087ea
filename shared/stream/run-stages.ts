import type { DynamoDBBatchItemFailure, DynamoDBRecord } from "aws-lambda";
import { forEachConcurrently } from "./concurrency.ts";
import { correlationOf } from "./correlation.ts";
import { type RetryMessage, retryOf } from "./retry-message.ts";
import type { Change, Stage } from "./stage.ts";
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
  /** Items worked on at one time. */
  readonly concurrency?: number;
}

const defaultConcurrency = 16;

/**
 * Runs a batch of stream records through the stages of their kinds. Records of one item keep their order; different
 * items run beside each other. A stage that fails goes to the retry queue and stops nothing.
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
    const concerned = stages.filter((stage) => stage.kind === change.item.kind);
    let lost = false;
    // One after the other, in the order of the list: a mail is not asked for before its contact is there.
    for (const stage of concerned) {
      if ((await runStage(stage, change)) === "lost") lost = true;
    }
    if (lost) failures.push({ itemIdentifier: record.dynamodb?.SequenceNumber ?? "" });
  }

  async function runStage(stage: Stage, change: Change): Promise<"settled" | "lost"> {
    const correlationId = correlationOf(change.item);
    try {
      if (stage.wants(change)) await stage.run(change);
      return "settled";
    } catch (error) {
      onFailure({ message: "a stage failed", stage: stage.name, correlationId, error });
    }
    try {
      await retryLater(retryOf(stage, change, correlationId));
      return "settled";
    } catch (error) {
      onFailure({ message: "a retry could not be queued", stage: stage.name, correlationId, error });
      return "lost";
    }
  }

  await forEachConcurrently(byItem(records), concurrency, async (changesOfOneItem) => {
    for (const record of changesOfOneItem) await runRecord(record);
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

function byItem(records: readonly DynamoDBRecord[]): readonly (readonly DynamoDBRecord[])[] {
  return [...Map.groupBy(records, ({ dynamodb }) => `${dynamodb?.Keys?.pk?.S}\n${dynamodb?.Keys?.sk?.S}`).values()];
}
