import { createSweep } from "../../shared/due/sweep.ts";
import { createMailQueue } from "../../shared/email/mail-queue.ts";
import { readEnvironment } from "../../shared/runtime/environment.ts";
import { environments } from "../../shared/runtime/environments.ts";
import { openTable } from "../../shared/table/client.ts";
import { dynamoDbClient, sqsClient } from "../runtime/clients.ts";
import { createLogger } from "../runtime/logger.ts";
import { scheduleHandler } from "../runtime/schedule.ts";

const environment = readEnvironment(environments["due-sweep"]);
const sweep = createSweep({
  table: openTable(environment.TABLE_NAME, dynamoDbClient()),
  send: createMailQueue({ client: sqsClient(), url: environment.MAIL_QUEUE_URL }),
  now: () => new Date(),
});

export const handler = scheduleHandler(createLogger("due-sweep", environment.LOG_LEVEL), async () => {
  const { sent, failures } = await sweep();
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} due items could not be sent.`);
  return { sent };
});
