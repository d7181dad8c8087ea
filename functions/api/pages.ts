import { randomBytes } from "node:crypto";
import { stopPageHandlers } from "../../shared/digests/stop-page-handlers.ts";
import { loadTokenKeys } from "../../shared/email/token-key-store.ts";
import { getForm } from "../../shared/forms/form-store.ts";
import { errorPage, pageHandlers } from "../../shared/http/page-handlers.ts";
import { digestPageRoutes } from "../../shared/http/routes/digest-pages.ts";
import { pageRoutes } from "../../shared/http/routes/pages.ts";
import { surveyPageRoutes } from "../../shared/http/routes/survey-pages.ts";
import { publicRoutes } from "../../shared/http/routes.ts";
import { readEnvironment } from "../../shared/runtime/environment.ts";
import { environments } from "../../shared/runtime/environments.ts";
import { surveyPageHandlers } from "../../shared/surveys/survey-page-handlers.ts";
import { openTable } from "../../shared/table/client.ts";
import { dynamoDbClient } from "../runtime/clients.ts";
import { httpHandler } from "../runtime/http.ts";
import { createLogger } from "../runtime/logger.ts";

const environment = readEnvironment(environments.pages);
const table = openTable(environment.TABLE_NAME, dynamoDbClient());
const house = { publicName: environment.PUBLIC_NAME, postalAddress: environment.POSTAL_ADDRESS };
const pages = {
  table,
  house,
  now: () => new Date(),
  newNonce: () => randomBytes(18).toString("base64url"),
  tokenKeys: () => loadTokenKeys(table),
};

export const handler = httpHandler(createLogger("pages", environment.LOG_LEVEL), {
  routes: [...pageRoutes, ...surveyPageRoutes, ...digestPageRoutes],
  // What no route of the public API matches comes here.
  siblings: publicRoutes,
  errorPage: (problem) => errorPage(house, problem),
  handlers: {
    ...pageHandlers({ ...pages, topics: environment.TOPICS, form: (id) => getForm(table, id) }),
    ...surveyPageHandlers(pages),
    ...stopPageHandlers(pages),
  },
});
