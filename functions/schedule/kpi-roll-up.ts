import { kpis } from "../../shared/kpis/kpi.ts";
import { rollUp } from "../../shared/kpis/roll-up.ts";
import { rollUpResults } from "../../shared/results/roll-up.ts";
import { readEnvironment } from "../../shared/runtime/environment.ts";
import { environments } from "../../shared/runtime/environments.ts";
import { openTable } from "../../shared/table/client.ts";
import { createLogger } from "../runtime/logger.ts";
import { scheduleHandler } from "../runtime/schedule.ts";

const environment = readEnvironment(environments["kpi-roll-up"]);
const table = openTable(environment.TABLE_NAME);

export const handler = scheduleHandler(createLogger("kpi-roll-up", environment.LOG_LEVEL), async () => {
  const calendar = { table, timeZone: environment.TIME_ZONE, now: () => new Date() };
  return { ...(await rollUp({ ...calendar, kpis })), ...(await rollUpResults(calendar)) };
});
