import { connectorMessageSchema } from "../../shared/connectors/connector-message.ts";
import { importPage } from "../../shared/connectors/import-page-store.ts";
import { createShopClient } from "../../shared/connectors/shop-client.ts";
import { readSourceSecrets } from "../../shared/connectors/source-secret-store.ts";
import { writeBack } from "../../shared/connectors/write-back-store.ts";
import { readEnvironment } from "../../shared/runtime/environment.ts";
import { environments } from "../../shared/runtime/environments.ts";
import { openTable } from "../../shared/table/client.ts";
import { dynamoDbClient, secretsManagerClient } from "../runtime/clients.ts";
import { createLogger } from "../runtime/logger.ts";
import { queueHandler } from "../runtime/queue.ts";

const environment = readEnvironment(environments.connectors);
const store = { client: secretsManagerClient(), path: environment.SOURCE_SECRETS };
const deps = {
  table: openTable(environment.TABLE_NAME, dynamoDbClient()),
  ask: createShopClient({ localShops: environment.LOCAL_SHOPS === "yes" }),
  secrets: (source: string) => readSourceSecrets(store, source),
  now: () => new Date(),
};

export const handler = queueHandler(
  createLogger("connectors", environment.LOG_LEVEL),
  connectorMessageSchema,
  (message) => (message.type === "page" ? importPage(deps, message) : writeBack(deps, message)),
);
