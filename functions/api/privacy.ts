import { privacyRoutes } from "../../shared/http/routes/privacy.ts";
import { privacyHandlers } from "../../shared/privacy/privacy-handlers.ts";
import { readEnvironment } from "../../shared/runtime/environment.ts";
import { environments } from "../../shared/runtime/environments.ts";
import { openTable } from "../../shared/table/client.ts";
import { dynamoDbClient } from "../runtime/clients.ts";
import { httpHandler } from "../runtime/http.ts";
import { createLogger } from "../runtime/logger.ts";

const environment = readEnvironment(environments.privacy);
const table = openTable(environment.TABLE_NAME, dynamoDbClient());

export const handler = httpHandler(createLogger("privacy", environment.LOG_LEVEL), {
  routes: privacyRoutes,
  handlers: privacyHandlers({ table, now: () => new Date() }),
});
