import { Stack } from "aws-cdk-lib";
import { StringParameter } from "aws-cdk-lib/aws-ssm";
import type { Construct } from "constructs";
import type { Config } from "./config-schema.ts";
import { namesOf } from "./names.ts";

/** The table as other stacks know it: by name, never by an export (ADR 1). */
export interface TableReference {
  readonly name: string;
  readonly arn: string;
  readonly indexArn: string;
}

export function tableReference(scope: Construct, config: Config): TableReference {
  const name = config.restoredTable?.name ?? namesOf(config).table;
  const arn = Stack.of(scope).formatArn({ service: "dynamodb", resource: "table", resourceName: name });
  return { name, arn, indexArn: `${arn}/index/gsi1` };
}

/** The stream of that table; only the function behind it needs to know. */
export function streamArn(scope: Construct, config: Config): string {
  return (
    config.restoredTable?.streamArn ??
    StringParameter.valueForStringParameter(scope, namesOf(config).streamArnParameter)
  );
}
