import type { SQSClient } from "@aws-sdk/client-sqs";
import { ulid } from "ulid";
import { createMailQueue } from "../../shared/email/mail-queue.ts";
import type { WakeUp } from "../../shared/journeys/wake-up.ts";
import type { ErasuresMessage } from "../../shared/privacy/erasure.ts";
import { createBatchQueue } from "../../shared/queues/batch-queue.ts";
import type { Environment } from "../../shared/runtime/environments.ts";
import type { Stage } from "../../shared/stream/stage.ts";
import { createStages } from "../../shared/stream/stages.ts";
import type { Table } from "../../shared/table/client.ts";
import { createCounter } from "./counter.ts";

/** The stages as they are deployed: the stream runs them, and its retry queue runs the ones that failed. */
export function deployedStages(
  environment: Environment<"stream-retry">,
  { table, queues }: { readonly table: Table; readonly queues: SQSClient },
): readonly Stage[] {
  return createStages({
    table,
    sendMail: createMailQueue({ client: queues, url: environment.MAIL_QUEUE_URL }),
    sendSegments: createBatchQueue({ client: queues, url: environment.SEGMENTS_QUEUE_URL }),
    sendConnectors: createBatchQueue({ client: queues, url: environment.CONNECTORS_QUEUE_URL }),
    sendWebhook: createBatchQueue({ client: queues, url: environment.WEBHOOKS_OUT_QUEUE_URL }),
    sendWakeUp: createBatchQueue<WakeUp>({ client: queues, url: environment.JOURNEYS_QUEUE_URL }),
    sendBroadcasts: createBatchQueue({ client: queues, url: environment.BROADCASTS_QUEUE_URL }),
    sendHistory: createBatchQueue({ client: queues, url: environment.KPI_HISTORY_QUEUE_URL }),
    sendErasure: createBatchQueue<ErasuresMessage>({ client: queues, url: environment.ERASURES_QUEUE_URL }),
    timeZone: environment.TIME_ZONE,
    attributionDays: environment.ATTRIBUTION_DAYS,
    count: createCounter(),
    now: () => new Date(),
    newId: () => ulid(),
  });
}
