import type { Logger } from "@aws-lambda-powertools/logger";
import middy from "@middy/core";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import type { RouteDeclaration } from "../../shared/http/route.ts";
import { createRouter, type RouterOptions } from "../../shared/http/router.ts";

/** The bundle for functions behind an HTTP API: the router, with its faults logged under the request's id. */
export function httpHandler<const Routes extends readonly RouteDeclaration[]>(
  logger: Logger,
  options: Omit<RouterOptions<Routes>, "onFault">,
) {
  const onFault = (error: unknown, correlationId: string) =>
    logger.error("request failed", { correlationId, error: error instanceof Error ? error : new Error(String(error)) });
  return middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>().handler(
    createRouter({ ...options, onFault }),
  );
}
