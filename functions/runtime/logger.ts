import { Logger } from "@aws-lambda-powertools/logger";
import type { FunctionName } from "../../shared/runtime/environments.ts";

/** The structured log of a function. It never gets a body, an e-mail address or a token. */
export function createLogger(name: FunctionName, level: "DEBUG" | "INFO" | "WARN" | "ERROR"): Logger {
  return new Logger({ serviceName: name, logLevel: level });
}
