import { createMailQueue } from "../../shared/email/mail-queue.ts";
import { rollUpFunnel } from "../../shared/funnel/funnel-store.ts";
import { watchKpis } from "../../shared/insight/watch-store.ts";
import { openJourneys } from "../../shared/journeys/journey-store.ts";
import { findOverdue } from "../../shared/journeys/overdue-store.ts";
import { useConventions } from "../../shared/kpis/calendar.ts";
import { readKpis } from "../../shared/kpis/catalogue-store.ts";
import { datesOfRollUp } from "../../shared/kpis/history.ts";
import { followRhythm } from "../../shared/kpis/rhythm-store.ts";
import { rollUp } from "../../shared/kpis/roll-up.ts";
import { refreshShapes } from "../../shared/kpis/shape-store.ts";
import { markTurn } from "../../shared/kpis/turn-store.ts";
import { foretellPipeline } from "../../shared/pipeline/pipeline-store.ts";
import { rollUpResults } from "../../shared/results/roll-up.ts";
import { followUp } from "../../shared/reviews/follow-up-store.ts";
import { readEnvironment } from "../../shared/runtime/environment.ts";
import { environments } from "../../shared/runtime/environments.ts";
import { runsStandStill } from "../../shared/runtime/metric-names.ts";
import { openTable } from "../../shared/table/client.ts";
import { dynamoDbClient, sqsClient } from "../runtime/clients.ts";
import { createCounter } from "../runtime/counter.ts";
import { createLogger } from "../runtime/logger.ts";
import { scheduleHandler } from "../runtime/schedule.ts";

const environment = readEnvironment(environments["kpi-roll-up"]);
useConventions({ weekStart: environment.WEEK_START, fiscalYearStart: environment.FISCAL_YEAR_START });
const table = openTable(environment.TABLE_NAME, dynamoDbClient());
const sendMail = createMailQueue({ client: sqsClient(), url: environment.MAIL_QUEUE_URL });

const logger = createLogger("kpi-roll-up", environment.LOG_LEVEL);
const count = createCounter();

export const handler = scheduleHandler(logger, async () => {
  const calendar = { table, timeZone: environment.TIME_ZONE, now: () => new Date() };
  const readNow = () => readKpis(table, environment.CURRENCY, { consistent: true });
  const kpis = await readNow();
  const daysOver = await markTurn(table, { timeZone: environment.TIME_ZONE, now: new Date() });
  const report = {
    daysOver,
    ...(await rollUp({ ...calendar, kpis: readNow, most: datesOfRollUp })),
    ...(await rollUpFunnel({ ...calendar, most: datesOfRollUp })),
    ...(await rollUpResults(calendar)),
  };
  // Once a day, and of the days as they are counted; what follows from it is counted from the next hour on.
  const isNewRhythm = daysOver > 0 && (await followRhythm(table, { ...calendar, now: new Date() }));
  await refreshShapes({ ...calendar, kpis, now: new Date() });
  await tellOfOverdueRuns(new Date());
  await foretellPipeline({ ...calendar, currency: environment.CURRENCY });
  const followed = await followUp({ ...calendar, kpis, managers: environment.MANAGERS, sendMail });
  return {
    ...report,
    isNewRhythm,
    ...followed,
    ...(await watchKpis({ ...calendar, kpis, managers: environment.MANAGERS })),
  };
});

/** Here rather than in the sweep that wakes runs: what watches it must not stand still with it. */
async function tellOfOverdueRuns(now: Date): Promise<void> {
  const overdue = await findOverdue({ table, store: openJourneys(table), now });
  if (overdue.length === 0) return;
  count(runsStandStill);
  logger.warn("runs stand still", { overdue });
}
