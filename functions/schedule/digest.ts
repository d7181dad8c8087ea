import font from "@expo-google-fonts/inter/500Medium/Inter_500Medium.ttf";
import wasm from "@resvg/resvg-wasm/index_bg.wasm";
import { createPainter } from "../../shared/digests/picture.ts";
import { sendDigests } from "../../shared/digests/send-digests.ts";
import { createMailQueue } from "../../shared/email/mail-queue.ts";
import { keepTokenKeys } from "../../shared/email/token-key-store.ts";
import { useConventions } from "../../shared/kpis/calendar.ts";
import { readKpis } from "../../shared/kpis/catalogue-store.ts";
import { readEnvironment } from "../../shared/runtime/environment.ts";
import { environments } from "../../shared/runtime/environments.ts";
import { openTable } from "../../shared/table/client.ts";
import { dynamoDbClient, sqsClient } from "../runtime/clients.ts";
import { createLogger } from "../runtime/logger.ts";
import { scheduleHandler } from "../runtime/schedule.ts";

const environment = readEnvironment(environments.digest);
useConventions({ weekStart: environment.WEEK_START, fiscalYearStart: environment.FISCAL_YEAR_START });
const table = openTable(environment.TABLE_NAME, dynamoDbClient());
const account = {
  table,
  kpis: () => readKpis(table, environment.CURRENCY, { consistent: true }),
  timeZone: environment.TIME_ZONE,
  accountName: environment.PUBLIC_NAME,
  managers: environment.MANAGERS,
  hour: environment.DIGEST_HOUR,
  publicUrl: environment.PUBLIC_URL.replace(/\/+$/, ""),
  tokenKeys: keepTokenKeys(table),
  draw: createPainter({ wasm, font }),
  sendMail: createMailQueue({ client: sqsClient(), url: environment.MAIL_QUEUE_URL }),
};

export const handler = scheduleHandler(createLogger("digest", environment.LOG_LEVEL), (correlationId) =>
  sendDigests({ ...account, now: new Date(), correlationId }),
);
