import { readEnvironment } from "../../shared/runtime/environment.ts";
import { environments } from "../../shared/runtime/environments.ts";
import { keepDefinitions } from "../../shared/segments/definition-store.ts";
import { segmentMessageSchema } from "../../shared/segments/rebuild.ts";
import { handleSegmentMessage } from "../../shared/segments/rebuild-store.ts";
import { openTable } from "../../shared/table/client.ts";
import { dynamoDbClient } from "../runtime/clients.ts";
import { createLogger } from "../runtime/logger.ts";
import { queueHandler } from "../runtime/queue.ts";

const environment = readEnvironment(environments.segments);
const table = openTable(environment.TABLE_NAME, dynamoDbClient());
const now = () => new Date();
const deps = { table, now, definitions: keepDefinitions({ table, now }) };

export const handler = queueHandler(createLogger("segments", environment.LOG_LEVEL), segmentMessageSchema, (message) =>
  handleSegmentMessage(deps, message),
);
