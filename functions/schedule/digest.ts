import font from "@expo-google-fonts/inter/500Medium/Inter_500Medium.ttf";
import wasm from "@resvg/resvg-wasm/index_bg.wasm";
import { createMailQueue } from "../../shared/email/mail-queue.ts";
import { useConventions } from "../../shared/kpis/calendar.ts";
import { readKpis } from "../../shared/kpis/catalogue-store.ts";
import { createPainter } from "../../shared/kpis/picture.ts";
import { sendDigest } from "../../shared/kpis/send-digest.ts";
import { readEnvironment } from "../../shared/runtime/environment.ts";
import { environments } from "../../shared/runtime/environments.ts";
import { openTable } from "../../shared/table/client.ts";
import { dynamoDbClient, sqsClient } from "../runtime/clients.ts";
import { createLogger } from "../runtime/logger.ts";
import { scheduleHandler } from "../runtime/schedule.ts";

const environment = readEnvironment(environments.digest);
useConventions({ weekStart: environment.WEEK_START, fiscalYearStart: environment.FISCAL_YEAR_START });
const table = openTable(environment.TABLE_NAME, dynamoDbClient());
const sendMail = createMailQueue({ client: sqsClient(), url: environment.MAIL_QUEUE_URL });
const draw = createPainter({ wasm, font });

export const handler = scheduleHandler(createLogger("digest", environment.LOG_LEVEL), async (correlationId) =>
  sendDigest({
    table,
    kpis: await readKpis(table, environment.CURRENCY, { consistent: true }),
    timeZone: environment.TIME_ZONE,
    now: new Date(),
    accountName: environment.PUBLIC_NAME,
    managers: environment.MANAGERS,
    draw,
    sendMail,
    correlationId,
  }),
);
