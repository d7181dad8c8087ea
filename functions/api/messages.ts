import { getApiKey } from "../../shared/access/api-key-store.ts";
import { messageHandlers } from "../../shared/email/message-handlers.ts";
import { createTemplateSource } from "../../shared/email/templates/template-store.ts";
import { messageRoutes } from "../../shared/http/routes/messages.ts";
import { readCache } from "../../shared/intake/read-cache.ts";
import { readEnvironment } from "../../shared/runtime/environment.ts";
import { environments } from "../../shared/runtime/environments.ts";
import { openTable } from "../../shared/table/client.ts";
import { dynamoDbClient } from "../runtime/clients.ts";
import { httpHandler } from "../runtime/http.ts";
import { createLogger } from "../runtime/logger.ts";

const environment = readEnvironment(environments.messages);
const table = openTable(environment.TABLE_NAME, dynamoDbClient());
const now = () => new Date();

export const handler = httpHandler(createLogger("messages", environment.LOG_LEVEL), {
  routes: messageRoutes,
  handlers: messageHandlers({
    table,
    now,
    apiKey: readCache({ load: (id: string) => getApiKey(table, id), now, seconds: 60, entries: 500 }),
    templateOf: createTemplateSource(table, now),
  }),
});
