import { devNull } from "node:os";
import type { FunctionModel } from "../assembly/model.ts";
import type { Credentials } from "../interfaces.ts";

const VERSION = "$LATEST";

/** Services that the gateway serves, by the name the AWS SDK gives them in its settings. */
const SERVED = ["DYNAMODB", "SQS", "SES", "SESV2", "SECRETS_MANAGER"] as const;

export interface EnvironmentInput {
  readonly fn: FunctionModel;
  readonly region: string;
  readonly credentials: Credentials;
  readonly gatewayUrl: string;
  readonly logStreamName: string;
}

/**
 * Everything that a function's process sees: what the template says, what Lambda adds, and where the gateway is.
 * Nothing of the host's own environment.
 */
export function buildEnvironment(input: EnvironmentInput): Record<string, string> {
  return { ...lambdaVariables(input), ...endpoints(input.gatewayUrl), ...input.fn.environment };
}

export const logGroupName = (fn: FunctionModel): string => fn.logGroup ?? `/aws/lambda/${fn.name}`;

function lambdaVariables({ fn, region, credentials, logStreamName }: EnvironmentInput): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    AWS_LAMBDA_FUNCTION_NAME: fn.name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(fn.memoryMb),
    AWS_LAMBDA_FUNCTION_VERSION: VERSION,
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: logGroupName(fn),
    AWS_LAMBDA_LOG_STREAM_NAME: logStreamName,
    LAMBDA_TASK_ROOT: fn.codePath,
    _HANDLER: fn.handler,
    LANG: "en_US.UTF-8",
    PATH: "/usr/local/bin:/usr/bin:/bin",
    TZ: "UTC",
  };
}

function endpoints(url: string): Record<string, string> {
  return {
    ...Object.fromEntries(SERVED.map((service) => [`AWS_ENDPOINT_URL_${service}`, url])),
    // Any other service meets the gateway's refusal, never the internet.
    AWS_ENDPOINT_URL: url,
    // The SDK would read the developer's own profile from the home folder.
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
  };
}
