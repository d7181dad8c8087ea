import { broadcastMessageSchema } from "../../shared/broadcasts/fan-out.ts";
import { handleBroadcastMessage } from "../../shared/broadcasts/walk-store.ts";
import { createMailQueue } from "../../shared/email/mail-queue.ts";
import { readEnvironment } from "../../shared/runtime/environment.ts";
import { environments } from "../../shared/runtime/environments.ts";
import { openTable } from "../../shared/table/client.ts";
import { dynamoDbClient, sqsClient } from "../runtime/clients.ts";
import { createLogger } from "../runtime/logger.ts";
import { queueHandler } from "../runtime/queue.ts";

const environment = readEnvironment(environments.broadcasts);
const logger = createLogger("broadcasts", environment.LOG_LEVEL);
const deps = {
  table: openTable(environment.TABLE_NAME, dynamoDbClient()),
  sendMail: createMailQueue({ client: sqsClient(), url: environment.MAIL_QUEUE_URL }),
  perSecond: environment.SES_PER_SECOND,
  now: () => new Date(),
};

export const handler = queueHandler(logger, broadcastMessageSchema, async (message) => {
  logger.info("broadcast", { done: await handleBroadcastMessage(deps, message), ...message });
});
