import { erase } from "../../shared/privacy/erase-store.ts";
import { erasureMessageSchema } from "../../shared/privacy/erasure.ts";
import { readEnvironment } from "../../shared/runtime/environment.ts";
import { environments } from "../../shared/runtime/environments.ts";
import { openTable } from "../../shared/table/client.ts";
import { dynamoDbClient } from "../runtime/clients.ts";
import { createLogger } from "../runtime/logger.ts";
import { queueHandler } from "../runtime/queue.ts";

const environment = readEnvironment(environments.erasures);
const table = openTable(environment.TABLE_NAME, dynamoDbClient());

export const handler = queueHandler(createLogger("erasures", environment.LOG_LEVEL), erasureMessageSchema, (message) =>
  erase({ table, now: () => new Date() }, message),
);
