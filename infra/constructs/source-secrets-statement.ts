import { ArnFormat, Stack } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import type { Config } from "../config-schema.ts";
import type { FunctionSettings } from "../functions.ts";
import { namesOf } from "../names.ts";

/** Rights on the secrets of connected shops: their names come at run time, so their path stands for them. */
export function sourceSecretsStatement(
  scope: Construct,
  actions: NonNullable<FunctionSettings["sourceSecrets"]>,
  config: Config,
): PolicyStatement {
  const resource = {
    service: "secretsmanager",
    resource: "secret",
    resourceName: `${namesOf(config).sourceSecrets}/*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  };
  return new PolicyStatement({
    sid: "SourceSecrets",
    actions: actions.map((action) => `secretsmanager:${action}`),
    resources: [Stack.of(scope).formatArn(resource)],
  });
}
