import { secretCache } from "../../shared/connectors/secret-cache.ts";
import { readSourceSecrets } from "../../shared/connectors/source-secret-store.ts";
import { getSource } from "../../shared/connectors/source-store.ts";
import { webhookHandlers } from "../../shared/connectors/webhook-handlers.ts";
import { webhookRoutes } from "../../shared/http/routes/webhooks.ts";
import { readCache } from "../../shared/intake/read-cache.ts";
import { readEnvironment } from "../../shared/runtime/environment.ts";
import { environments } from "../../shared/runtime/environments.ts";
import { openTable } from "../../shared/table/client.ts";
import { dynamoDbClient, secretsManagerClient } from "../runtime/clients.ts";
import { httpHandler } from "../runtime/http.ts";
import { createLogger } from "../runtime/logger.ts";

const environment = readEnvironment(environments.webhooks);
const logger = createLogger("webhooks", environment.LOG_LEVEL);
const table = openTable(environment.TABLE_NAME, dynamoDbClient());
const store = { client: secretsManagerClient(), path: environment.SOURCE_SECRETS };
const now = () => new Date();

export const handler = httpHandler(logger, {
  routes: webhookRoutes,
  handlers: webhookHandlers({
    table,
    now,
    source: readCache({ load: (name) => getSource(table, name), now, seconds: 60, entries: 100 }),
    secrets: secretCache((source) => readSourceSecrets(store, source), now),
    onUnreadable: (source, topic, problems, correlationId) =>
      logger.warn("webhook is not as its sender documents it", { source, topic, problems, correlationId }),
  }),
});
