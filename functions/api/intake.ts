import { randomBytes } from "node:crypto";
import { getApiKey } from "../../shared/access/api-key-store.ts";
import { feedbackDoorHandlers } from "../../shared/feedback/feedback-door-handlers.ts";
import { getForm } from "../../shared/forms/form-store.ts";
import { feedbackDoorRoutes } from "../../shared/http/routes/feedback.ts";
import { intakeRoutes } from "../../shared/http/routes/intake.ts";
import { intakeHandlers } from "../../shared/intake/intake-handlers.ts";
import { readCache } from "../../shared/intake/read-cache.ts";
import { readEnvironment } from "../../shared/runtime/environment.ts";
import { environments } from "../../shared/runtime/environments.ts";
import { openTable } from "../../shared/table/client.ts";
import { dynamoDbClient } from "../runtime/clients.ts";
import { httpHandler } from "../runtime/http.ts";
import { createLogger } from "../runtime/logger.ts";

const environment = readEnvironment(environments.intake);
const logger = createLogger("intake", environment.LOG_LEVEL);
const table = openTable(environment.TABLE_NAME, dynamoDbClient());
const now = () => new Date();
const kept = { now, seconds: 60, entries: 500 };
const apiKey = readCache({ ...kept, load: (id: string) => getApiKey(table, id) });

export const handler = httpHandler(logger, {
  routes: [...intakeRoutes, ...feedbackDoorRoutes],
  handlers: {
    ...feedbackDoorHandlers({ table, now, apiKey }),
    ...intakeHandlers({
      table,
      house: { publicName: environment.PUBLIC_NAME, postalAddress: environment.POSTAL_ADDRESS },
      now,
      newNonce: () => randomBytes(18).toString("base64url"),
      form: readCache({ ...kept, load: (id) => getForm(table, id) }),
      apiKey,
      onTrapped: (formId, correlationId) => logger.info("submission trapped", { formId, correlationId }),
      onFault: (error, correlationId) =>
        logger.error("request failed", {
          correlationId,
          error: error instanceof Error ? error : new Error(String(error)),
        }),
    }),
  },
});
