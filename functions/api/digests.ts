import font from "@expo-google-fonts/inter/500Medium/Inter_500Medium.ttf";
import wasm from "@resvg/resvg-wasm/index_bg.wasm";
import { digestHandlers } from "../../shared/digests/digest-handlers.ts";
import { createPainter } from "../../shared/digests/picture.ts";
import { keepTokenKeys } from "../../shared/email/token-key-store.ts";
import { digestRoutes } from "../../shared/http/routes/digests.ts";
import { useConventions } from "../../shared/kpis/calendar.ts";
import { readKpis } from "../../shared/kpis/catalogue-store.ts";
import { readEnvironment } from "../../shared/runtime/environment.ts";
import { environments } from "../../shared/runtime/environments.ts";
import { openTable } from "../../shared/table/client.ts";
import { dynamoDbClient } from "../runtime/clients.ts";
import { httpHandler } from "../runtime/http.ts";
import { createLogger } from "../runtime/logger.ts";

const environment = readEnvironment(environments.digests);
useConventions({ weekStart: environment.WEEK_START, fiscalYearStart: environment.FISCAL_YEAR_START });
const table = openTable(environment.TABLE_NAME, dynamoDbClient());

export const handler = httpHandler(createLogger("digests", environment.LOG_LEVEL), {
  routes: digestRoutes,
  handlers: digestHandlers({
    table,
    kpis: () => readKpis(table, environment.CURRENCY),
    timeZone: environment.TIME_ZONE,
    accountName: environment.PUBLIC_NAME,
    publicUrl: environment.PUBLIC_URL.replace(/\/+$/, ""),
    tokenKeys: keepTokenKeys(table),
    draw: createPainter({ wasm, font }),
    now: () => new Date(),
  }),
});
