import type { RouteDeclaration } from "./route.ts";
import { broadcastTestRoutes } from "./routes/broadcasts.ts";
import { consoleRoutes } from "./routes/console.ts";
import { digestPageRoutes } from "./routes/digest-pages.ts";
import { digestRoutes } from "./routes/digests.ts";
import { feedbackDoorRoutes } from "./routes/feedback.ts";
import { intakeRoutes } from "./routes/intake.ts";
import { messageRoutes } from "./routes/messages.ts";
import { pageRoutes } from "./routes/pages.ts";
import { privacyRoutes } from "./routes/privacy.ts";
import { staffRoutes } from "./routes/staff.ts";
import { surveyPageRoutes } from "./routes/survey-pages.ts";
import { templateRoutes } from "./routes/templates.ts";
import { webhookRoutes } from "./routes/webhooks.ts";

export const publicRoutes: readonly RouteDeclaration[] = [
  ...intakeRoutes,
  ...feedbackDoorRoutes,
  ...messageRoutes,
  ...webhookRoutes,
  ...pageRoutes,
  ...surveyPageRoutes,
  ...digestPageRoutes,
];

/** Every route there is. The CDK routes and the OpenAPI document are made from this list. */
export const routes: readonly RouteDeclaration[] = [
  ...publicRoutes,
  ...staffRoutes,
  ...templateRoutes,
  ...digestRoutes,
  ...consoleRoutes,
  ...broadcastTestRoutes,
  ...privacyRoutes,
];
