import { startReconciliations } from "../../shared/connectors/reconciliation-store.ts";
import { readEnvironment } from "../../shared/runtime/environment.ts";
import { environments } from "../../shared/runtime/environments.ts";
import { openTable } from "../../shared/table/client.ts";
import { dynamoDbClient } from "../runtime/clients.ts";
import { createLogger } from "../runtime/logger.ts";
import { scheduleHandler } from "../runtime/schedule.ts";

const environment = readEnvironment(environments.reconciliation);
const table = openTable(environment.TABLE_NAME, dynamoDbClient());

export const handler = scheduleHandler(createLogger("reconciliation", environment.LOG_LEVEL), async () => ({
  shops: await startReconciliations(table, new Date()),
}));
