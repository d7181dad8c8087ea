import { consoleHandlers } from "../../shared/console/console-handlers.ts";
import { consoleRoutes } from "../../shared/http/routes/console.ts";
import { readEnvironment } from "../../shared/runtime/environment.ts";
import { environments } from "../../shared/runtime/environments.ts";
import { httpHandler } from "../runtime/http.ts";
import { createLogger } from "../runtime/logger.ts";

const environment = readEnvironment(environments.console);

export const handler = httpHandler(createLogger("console", environment.LOG_LEVEL), {
  routes: consoleRoutes,
  handlers: consoleHandlers({
    settings: {
      publicName: environment.PUBLIC_NAME,
      issuer: environment.ISSUER,
      clientId: environment.CLIENT_ID,
      tokenOrigin: environment.TOKEN_ORIGIN,
    },
    files: browserFiles,
  }),
});
