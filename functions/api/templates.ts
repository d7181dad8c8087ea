import { templateHandlers } from "../../shared/email/templates/template-handlers.ts";
import { broadcastTestRoutes } from "../../shared/http/routes/broadcasts.ts";
import { templateRoutes } from "../../shared/http/routes/templates.ts";
import { readEnvironment } from "../../shared/runtime/environment.ts";
import { environments } from "../../shared/runtime/environments.ts";
import { openTable } from "../../shared/table/client.ts";
import { dynamoDbClient } from "../runtime/clients.ts";
import { httpHandler } from "../runtime/http.ts";
import { createLogger } from "../runtime/logger.ts";

const environment = readEnvironment(environments.templates);

export const handler = httpHandler(createLogger("templates", environment.LOG_LEVEL), {
  routes: [...templateRoutes, ...broadcastTestRoutes],
  handlers: templateHandlers({
    table: openTable(environment.TABLE_NAME, dynamoDbClient()),
    house: { publicName: environment.PUBLIC_NAME, postalAddress: environment.POSTAL_ADDRESS },
    staff: environment.MANAGERS,
    topics: environment.TOPICS,
    now: () => new Date(),
  }),
});
