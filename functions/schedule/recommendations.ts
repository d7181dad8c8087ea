import { recountBoughtTogether } from "../../shared/recommendations/recommendation-store.ts";
import { readEnvironment } from "../../shared/runtime/environment.ts";
import { environments } from "../../shared/runtime/environments.ts";
import { openTable } from "../../shared/table/client.ts";
import { dynamoDbClient } from "../runtime/clients.ts";
import { createLogger } from "../runtime/logger.ts";
import { scheduleHandler } from "../runtime/schedule.ts";

const environment = readEnvironment(environments.recommendations);
const table = openTable(environment.TABLE_NAME, dynamoDbClient());

export const handler = scheduleHandler(createLogger("recommendations", environment.LOG_LEVEL), () =>
  recountBoughtTogether(table, new Date()),
);
