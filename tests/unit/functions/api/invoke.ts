import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { vi } from "vitest";
import type { Table } from "../../../../shared/table/client.ts";

/** The environment of a function on a table of the engine at `url`; the entry file is to be imported after this. */
export function standOn(url: string, table: Table, variables: Readonly<Record<string, string>> = {}): void {
  const environment = {
    TABLE_NAME: table.name,
    LOG_LEVEL: "ERROR",
    AWS_ENDPOINT_URL_DYNAMODB: url,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    ...variables,
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
}

export interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Calls a function's handler as Lambda does. */
export async function invoke(handler: unknown, event: APIGatewayProxyEventV2): Promise<Answer> {
  if (typeof handler !== "function") throw new Error("the entry file exports no handler");
  const context = { awsRequestId: "request-1", getRemainingTimeInMillis: () => 10_000 };
  const { statusCode, headers, body } = await handler(event, context);
  return { statusCode, headers, body: body ?? "" };
}
