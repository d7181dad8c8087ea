import { LogFormatter, Logger, LogItem } from "@aws-lambda-powertools/logger";
import type { LogAttributes, UnformattedAttributes } from "@aws-lambda-powertools/logger/types";
import type { FunctionName } from "../../shared/runtime/environments.ts";

/** The structured log of a function. It never gets a body, an e-mail address or a token. */
export function createLogger(name: FunctionName, level: "DEBUG" | "INFO" | "WARN" | "ERROR"): Logger {
  return new Logger({ serviceName: name, logLevel: level, logFormatter: new Formatter() });
}

class Formatter extends LogFormatter {
  formatAttributes(line: UnformattedAttributes, more: LogAttributes): LogItem {
    const { logLevel: level, message, timestamp, serviceName: service } = line;
    const attributes = { level, message, timestamp: this.formatTimestamp(timestamp), service };
    return new LogItem({ attributes }).addAttributes(more);
  }

  /**
   * Words an error by what is known to be harmless. Other members stay out: DynamoDB's refusal of a conditional write, for
   * one, carries the item that was there.
   */
  override formatError(error: Error): LogAttributes {
    const { name, location, message, stack, cause, $metadata } = super.formatError(error);
    const errors = error instanceof AggregateError ? error.errors.map((each) => this.#oneOf(each)) : undefined;
    return { name, location, message, stack, cause, $metadata, errors };
  }

  #oneOf(error: unknown): LogAttributes | string {
    return error instanceof Error ? this.formatError(error) : typeof error;
  }
}
