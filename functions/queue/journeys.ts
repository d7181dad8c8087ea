import { wakeRun } from "../../shared/journeys/advance-run-store.ts";
import { liveJourneys } from "../../shared/journeys/journey-cache-store.ts";
import { openJourneys } from "../../shared/journeys/journey-store.ts";
import { wakeUpSchema } from "../../shared/journeys/wake-up.ts";
import { wakeUpLater } from "../../shared/journeys/wake-up-queue.ts";
import { readEnvironment } from "../../shared/runtime/environment.ts";
import { environments } from "../../shared/runtime/environments.ts";
import { openTable } from "../../shared/table/client.ts";
import { dynamoDbClient } from "../runtime/clients.ts";
import { createLogger } from "../runtime/logger.ts";
import { queueHandler } from "../runtime/queue.ts";

const environment = readEnvironment(environments.journeys);
const logger = createLogger("journeys", environment.LOG_LEVEL);
const table = openTable(environment.TABLE_NAME, dynamoDbClient());
const now = () => new Date();
const store = openJourneys(table);
const deps = {
  table,
  store,
  live: liveJourneys(store, now),
  timeZone: environment.TIME_ZONE,
  now,
  sendLater: wakeUpLater(table),
};

export const handler = queueHandler(logger, wakeUpSchema, async (wakeUp) => {
  const done = await wakeRun(deps, wakeUp);
  logger.info("wake-up", { done, sk: wakeUp.sk, correlationId: wakeUp.correlationId });
});
