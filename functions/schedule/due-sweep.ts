import type { DueQueue } from "../../shared/due/due.ts";
import { createSweep } from "../../shared/due/sweep.ts";
import { createBatchQueue } from "../../shared/queues/batch-queue.ts";
import { readEnvironment } from "../../shared/runtime/environment.ts";
import { environments } from "../../shared/runtime/environments.ts";
import { openTable } from "../../shared/table/client.ts";
import { dynamoDbClient, sqsClient } from "../runtime/clients.ts";
import { createLogger } from "../runtime/logger.ts";
import { scheduleHandler } from "../runtime/schedule.ts";

const environment = readEnvironment(environments["due-sweep"]);
const client = sqsClient();
const queueTo = (url: string | undefined) =>
  url === undefined ? undefined : createBatchQueue<object>({ client, url });
const queues = {
  mail: queueTo(environment.MAIL_QUEUE_URL),
  journeys: queueTo(environment.JOURNEYS_QUEUE_URL),
  segments: queueTo(environment.SEGMENTS_QUEUE_URL),
  broadcasts: queueTo(environment.BROADCASTS_QUEUE_URL),
  connectors: queueTo(environment.CONNECTORS_QUEUE_URL),
  erasures: queueTo(environment.ERASURES_QUEUE_URL),
  webhooks: queueTo(environment.WEBHOOKS_OUT_QUEUE_URL),
} satisfies Record<DueQueue, unknown>;
const sweep = createSweep({
  table: openTable(environment.TABLE_NAME, dynamoDbClient()),
  send: async (name, body) => {
    const send = queues[name];
    if (send === undefined) throw new Error(`There is no queue ${name} to send what is due to.`);
    await send(body);
  },
  now: () => new Date(),
});

export const handler = scheduleHandler(createLogger("due-sweep", environment.LOG_LEVEL), async () => {
  const { sent, failures } = await sweep();
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} due items could not be sent.`);
  return { sent };
});
