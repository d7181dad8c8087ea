import { ulid } from "ulid";
import { createMailQueue } from "../../shared/email/mail-queue.ts";
import type { WakeUp } from "../../shared/journeys/wake-up.ts";
import { createBatchQueue } from "../../shared/queues/batch-queue.ts";
import { readEnvironment } from "../../shared/runtime/environment.ts";
import { environments } from "../../shared/runtime/environments.ts";
import { retryMessageSchema } from "../../shared/stream/retry-message.ts";
import { retryStage } from "../../shared/stream/retry-stage.ts";
import { createStages } from "../../shared/stream/stages.ts";
import { openTable } from "../../shared/table/client.ts";
import { dynamoDbClient, sqsClient } from "../runtime/clients.ts";
import { createCounter } from "../runtime/counter.ts";
import { createLogger } from "../runtime/logger.ts";
import { queueHandler } from "../runtime/queue.ts";

const environment = readEnvironment(environments["stream-retry"]);
const table = openTable(environment.TABLE_NAME, dynamoDbClient());
const queues = sqsClient();
const stages = createStages({
  table,
  sendMail: createMailQueue({ client: queues, url: environment.MAIL_QUEUE_URL }),
  sendSegments: createBatchQueue({ client: queues, url: environment.SEGMENTS_QUEUE_URL }),
  sendWakeUp: createBatchQueue<WakeUp>({ client: queues, url: environment.JOURNEYS_QUEUE_URL }),
  timeZone: environment.TIME_ZONE,
  count: createCounter(),
  now: () => new Date(),
  newId: () => ulid(),
});

export const handler = queueHandler(
  createLogger("stream-retry", environment.LOG_LEVEL),
  retryMessageSchema,
  (message) => retryStage(message, { table, stages }),
);
