import type { Logger } from "@aws-lambda-powertools/logger";
import middy from "@middy/core";
import type { Context } from "aws-lambda";

/**
 * The bundle for scheduled functions: runs the work, logs its report, and lets a failure fail the invocation, so that
 * it is retried and its alarm sounds.
 */
export function scheduleHandler<Report extends object>(
  logger: Logger,
  work: (correlationId: string, event: unknown) => Promise<Report>,
) {
  return middy<unknown, Report>().handler(async (event: unknown, { awsRequestId }: Context) => {
    try {
      const report = await work(awsRequestId, event);
      logger.info("done", { correlationId: awsRequestId, report });
      return report;
    } catch (error) {
      logger.error("failed", { correlationId: awsRequestId, error: error instanceof Error ? error : String(error) });
      throw error;
    }
  });
}
