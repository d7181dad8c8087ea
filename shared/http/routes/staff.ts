import { actionRoutes, tellRoutes } from "./actions.ts";
import { broadcastRoutes } from "./broadcasts.ts";
import { consentRoutes } from "./consent.ts";
import { contactRoutes } from "./contacts.ts";
import { costRoutes } from "./costs.ts";
import { currencyRateRoutes } from "./currency-rates.ts";
import { feedbackRoutes } from "./feedback.ts";
import { apiKeyRoutes, formRoutes } from "./forms.ts";
import { funnelRoutes } from "./funnel.ts";
import { importFileRoutes, importRoutes } from "./imports.ts";
import { insightRoutes } from "./insight.ts";
import { journeyRoutes } from "./journeys.ts";
import { kpiDefinitionRoutes } from "./kpi-definitions.ts";
import { kpiRoutes } from "./kpis.ts";
import { mailRoutes } from "./mail.ts";
import { pipelineRoutes } from "./pipeline.ts";
import { recommendationRoutes } from "./recommendations.ts";
import { resultRoutes } from "./results.ts";
import { reviewRoutes } from "./reviews.ts";
import { runRoutes } from "./runs.ts";
import { segmentRoutes } from "./segments.ts";
import { sourceRoutes } from "./sources.ts";
import { surveyRoutes } from "./surveys.ts";
import { targetRoutes } from "./targets.ts";
import { taskRoutes } from "./tasks.ts";
import { webhookEndpointRoutes } from "./webhook-endpoints.ts";

/** Every route of the staff API. */
export const staffRoutes = [
  ...contactRoutes,
  ...consentRoutes,
  ...formRoutes,
  ...apiKeyRoutes,
  ...kpiRoutes,
  ...kpiDefinitionRoutes,
  ...targetRoutes,
  ...costRoutes,
  ...currencyRateRoutes,
  ...funnelRoutes,
  ...insightRoutes,
  ...pipelineRoutes,
  ...mailRoutes,
  ...journeyRoutes,
  ...runRoutes,
  ...resultRoutes,
  ...taskRoutes,
  ...surveyRoutes,
  ...feedbackRoutes,
  ...actionRoutes,
  ...tellRoutes,
  ...reviewRoutes,
  ...broadcastRoutes,
  ...recommendationRoutes,
  ...segmentRoutes,
  ...sourceRoutes,
  ...importRoutes,
  ...importFileRoutes,
  ...webhookEndpointRoutes,
] as const;
