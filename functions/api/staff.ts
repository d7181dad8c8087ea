import { randomBytes } from "node:crypto";
import { ulid } from "ulid";
import { apiKeyHandlers } from "../../shared/access/api-key-handlers.ts";
import { actionHandlers } from "../../shared/actions/action-handlers.ts";
import { tellHandlers } from "../../shared/actions/tell-handlers.ts";
import { broadcastHandlers } from "../../shared/broadcasts/broadcast-handlers.ts";
import { importFileHandlers } from "../../shared/connectors/import-file-handlers.ts";
import { importHandlers } from "../../shared/connectors/import-handlers.ts";
import { sourceHandlers } from "../../shared/connectors/source-handlers.ts";
import { consentHandlers } from "../../shared/consent/consent-handlers.ts";
import { contactHandlers } from "../../shared/contacts/contact-handlers.ts";
import { rateHandlers } from "../../shared/currency/rate-handlers.ts";
import { mailHandlers } from "../../shared/email/mail-handlers.ts";
import { sendingRulesOf } from "../../shared/email/sending-rules.ts";
import { createTemplateSource } from "../../shared/email/templates/template-store.ts";
import { keepTokenKeys } from "../../shared/email/token-key-store.ts";
import { feedbackHandlers } from "../../shared/feedback/feedback-handlers.ts";
import { formHandlers } from "../../shared/forms/form-handlers.ts";
import { funnelHandlers } from "../../shared/funnel/funnel-handlers.ts";
import { broadcastTestRoutes } from "../../shared/http/routes/broadcasts.ts";
import { consoleRoutes } from "../../shared/http/routes/console.ts";
import { digestRoutes } from "../../shared/http/routes/digests.ts";
import { privacyRoutes } from "../../shared/http/routes/privacy.ts";
import { staffRoutes } from "../../shared/http/routes/staff.ts";
import { templateRoutes } from "../../shared/http/routes/templates.ts";
import { insightHandlers } from "../../shared/insight/insight-handlers.ts";
import { journeyHandlers } from "../../shared/journeys/journey-handlers.ts";
import { runHandlers } from "../../shared/journeys/run-handlers.ts";
import { useConventions } from "../../shared/kpis/calendar.ts";
import { readKpis } from "../../shared/kpis/catalogue-store.ts";
import { costHandlers } from "../../shared/kpis/cost-handlers.ts";
import { definitionHandlers } from "../../shared/kpis/definition-handlers.ts";
import { kpiHandlers } from "../../shared/kpis/kpi-handlers.ts";
import { targetHandlers } from "../../shared/kpis/target-handlers.ts";
import { pipelineHandlers } from "../../shared/pipeline/pipeline-handlers.ts";
import { recommendationHandlers } from "../../shared/recommendations/recommendation-handlers.ts";
import { resultHandlers } from "../../shared/results/result-handlers.ts";
import { reviewHandlers } from "../../shared/reviews/review-handlers.ts";
import { readEnvironment } from "../../shared/runtime/environment.ts";
import { environments } from "../../shared/runtime/environments.ts";
import { segmentHandlers } from "../../shared/segments/segment-handlers.ts";
import { surveyHandlers } from "../../shared/surveys/survey-handlers.ts";
import { openTable } from "../../shared/table/client.ts";
import { taskHandlers } from "../../shared/tasks/task-handlers.ts";
import { endpointHandlers } from "../../shared/webhooks/endpoint-handlers.ts";
import { dynamoDbClient, secretsManagerClient } from "../runtime/clients.ts";
import { httpHandler } from "../runtime/http.ts";
import { createLogger } from "../runtime/logger.ts";

const environment = readEnvironment(environments.staff);
useConventions({ weekStart: environment.WEEK_START, fiscalYearStart: environment.FISCAL_YEAR_START });
const table = openTable(environment.TABLE_NAME, dynamoDbClient());
const now = () => new Date();

export const handler = httpHandler(createLogger("staff", environment.LOG_LEVEL), {
  routes: staffRoutes,
  siblings: [
    ...staffRoutes,
    ...templateRoutes,
    ...digestRoutes,
    ...broadcastTestRoutes,
    ...consoleRoutes,
    ...privacyRoutes,
  ],
  handlers: {
    ...contactHandlers({ table, now }),
    ...consentHandlers({ table, topics: environment.TOPICS, now }),
    ...formHandlers({ table, topics: environment.TOPICS }),
    ...mailHandlers({ table, now }),
    ...apiKeyHandlers({ table, now, randomBytes }),
    ...sourceHandlers({
      table,
      now,
      secrets: { client: secretsManagerClient(), path: environment.SOURCE_SECRETS },
      localShops: environment.LOCAL_SHOPS === "yes",
    }),
    ...importHandlers({ table, now }),
    ...importFileHandlers({ table, now, timeZone: environment.TIME_ZONE }),
    ...endpointHandlers({
      table,
      now,
      secrets: { client: secretsManagerClient(), path: environment.WEBHOOK_SECRETS },
      localReceivers: environment.LOCAL_SHOPS === "yes",
    }),
    ...segmentHandlers({ table, now }),
    ...broadcastHandlers({
      table,
      templateOf: createTemplateSource(table, now),
      consentPolicy: environment.CONSENT_POLICY,
      now,
      newId: () => ulid(),
    }),
    ...recommendationHandlers({ table }),
    ...journeyHandlers({
      table,
      timeZone: environment.TIME_ZONE,
      house: { publicName: environment.PUBLIC_NAME, postalAddress: environment.POSTAL_ADDRESS },
      rules: sendingRulesOf(environment),
      now,
    }),
    ...runHandlers({ table, now }),
    ...resultHandlers({
      table,
      account: {
        timeZone: environment.TIME_ZONE,
        attributionDays: environment.ATTRIBUTION_DAYS,
        mailPrice: { perThousand: environment.MAIL_COST_PER_THOUSAND, currency: environment.CURRENCY },
      },
      now,
    }),
    ...taskHandlers({ table, now }),
    ...actionHandlers({ table, timeZone: environment.TIME_ZONE, now }),
    ...tellHandlers({ table, timeZone: environment.TIME_ZONE, templateOf: createTemplateSource(table, now), now }),
    ...reviewHandlers({ table, kpis: () => readKpis(table, environment.CURRENCY), now }),
    ...feedbackHandlers({ table, timeZone: environment.TIME_ZONE, now }),
    ...surveyHandlers({
      table,
      publicUrl: environment.PUBLIC_URL.replace(/\/+$/, ""),
      tokenKeys: keepTokenKeys(table),
      now,
      newId: () => ulid(),
    }),
    ...costHandlers({ table, now }),
    ...rateHandlers({ table, timeZone: environment.TIME_ZONE, currency: environment.CURRENCY, now }),
    ...pipelineHandlers({ table }),
    ...insightHandlers({
      table,
      timeZone: environment.TIME_ZONE,
      kpis: () => readKpis(table, environment.CURRENCY),
      now,
    }),
    ...funnelHandlers({ table, timeZone: environment.TIME_ZONE, now }),
    ...definitionHandlers({ table, currency: environment.CURRENCY, now }),
    ...targetHandlers({ table, kpis: () => readKpis(table, environment.CURRENCY), now }),
    ...kpiHandlers({ table, timeZone: environment.TIME_ZONE, currency: environment.CURRENCY, now }),
  },
});
