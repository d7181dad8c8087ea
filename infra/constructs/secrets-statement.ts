import { ArnFormat, Stack } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import type { SecretAction } from "../function-settings.ts";

/** Rights on the secrets under a path: their names come at run time, so the path stands for them. */
export function secretsStatement(
  scope: Construct,
  { sid, path, actions }: { readonly sid: string; readonly path: string; readonly actions: readonly SecretAction[] },
): PolicyStatement {
  const resource = {
    service: "secretsmanager",
    resource: "secret",
    resourceName: `${path}/*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  };
  return new PolicyStatement({
    sid,
    actions: actions.map((action) => `secretsmanager:${action}`),
    resources: [Stack.of(scope).formatArn(resource)],
  });
}
