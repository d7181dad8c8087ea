import type { ServiceName } from "./call.ts";

/** What a request's headers say of it. */
export interface Identity {
  readonly service: ServiceName;
  readonly accessKeyId: string | undefined;
}

const services: readonly ServiceName[] = ["dynamodb", "sqs", "ses", "secretsmanager"];

const SCOPE = /Credential=([^/,\s]+)\/[^/]+\/[^/]+\/([a-z0-9-]+)\/aws4_request/;

/** Tells the service by the target header or the credential scope, and the process by its access key. */
export function identify(headers: Readonly<Record<string, string>>): Identity | undefined {
  const [, accessKeyId, scope] = SCOPE.exec(headers.authorization ?? "") ?? [];
  const target = headers["x-amz-target"] ?? "";
  const service = target.startsWith("DynamoDB")
    ? "dynamodb"
    : target.startsWith("AmazonSQS")
      ? "sqs"
      : target.startsWith("secretsmanager")
        ? "secretsmanager"
        : serviceOf(scope);
  return service && { service, accessKeyId };
}

function serviceOf(scope: string | undefined): ServiceName | undefined {
  return services.find((service) => service === scope);
}

/** The operation: in the target header of the JSON protocols, in the form of the query protocol. */
export function actionOf(headers: Readonly<Record<string, string>>, body: Buffer): string {
  const target = headers["x-amz-target"];
  if (target !== undefined) return target.slice(target.indexOf(".") + 1);
  return (
    /(?:^|&)Action=([A-Za-z0-9]+)/.exec(body.toString("latin1", 0, 4096))?.[1] ??
    new URLSearchParams(body.toString("utf8")).get("Action") ??
    ""
  );
}
