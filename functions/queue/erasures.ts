import { erase } from "../../shared/privacy/erase-store.ts";
import { erasuresMessageSchema } from "../../shared/privacy/erasure.ts";
import { eraseShopPage } from "../../shared/privacy/shop-erasure-store.ts";
import { readEnvironment } from "../../shared/runtime/environment.ts";
import { environments } from "../../shared/runtime/environments.ts";
import { openTable } from "../../shared/table/client.ts";
import { dynamoDbClient } from "../runtime/clients.ts";
import { createLogger } from "../runtime/logger.ts";
import { queueHandler } from "../runtime/queue.ts";

const environment = readEnvironment(environments.erasures);
const deps = { table: openTable(environment.TABLE_NAME, dynamoDbClient()), now: () => new Date() };

export const handler = queueHandler(
  createLogger("erasures", environment.LOG_LEVEL),
  erasuresMessageSchema,
  (message) => ("contactId" in message ? erase(deps, message) : eraseShopPage(deps, message)),
);
