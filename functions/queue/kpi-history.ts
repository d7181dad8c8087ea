import { useConventions } from "../../shared/kpis/calendar.ts";
import { historyMessageSchema } from "../../shared/kpis/history.ts";
import { handleHistoryMessage } from "../../shared/kpis/history-store.ts";
import { readEnvironment } from "../../shared/runtime/environment.ts";
import { environments } from "../../shared/runtime/environments.ts";
import { openTable } from "../../shared/table/client.ts";
import { dynamoDbClient } from "../runtime/clients.ts";
import { createLogger } from "../runtime/logger.ts";
import { queueHandler } from "../runtime/queue.ts";

const environment = readEnvironment(environments["kpi-history"]);
useConventions({ weekStart: environment.WEEK_START, fiscalYearStart: environment.FISCAL_YEAR_START });
const table = openTable(environment.TABLE_NAME, dynamoDbClient());
const deps = { table, currency: environment.CURRENCY, timeZone: environment.TIME_ZONE, now: () => new Date() };

export const handler = queueHandler(
  createLogger("kpi-history", environment.LOG_LEVEL),
  historyMessageSchema,
  (message, { attributes }) => handleHistoryMessage(deps, message, Number(attributes.ApproximateReceiveCount)),
);
