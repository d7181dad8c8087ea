import { liveJourneys } from "../../shared/journeys/journey-cache-store.ts";
import { journeyMessageSchema } from "../../shared/journeys/journey-message.ts";
import { handleJourneyMessage } from "../../shared/journeys/journey-message-store.ts";
import { openJourneys } from "../../shared/journeys/journey-store.ts";
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

export const handler = queueHandler(logger, journeyMessageSchema, async (message) => {
  const done = await handleJourneyMessage(deps, message);
  const { type, journeyId } = "type" in message ? message : { type: "wake-up", journeyId: undefined };
  const { sk, correlationId } = "sk" in message ? message : { sk: undefined, correlationId: undefined };
  logger.info(type, { done, journeyId, sk, correlationId });
});
