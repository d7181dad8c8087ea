import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { TableGrant } from "../function-settings.ts";
import type { TableReference } from "../table-reference.ts";

/** IAM's statements for a function's grants: on the table or its index, and only on keys like the given ones. */
export function tableStatements(grants: readonly TableGrant[], table: TableReference): PolicyStatement[] {
  return grants.map(
    (grant, position) =>
      new PolicyStatement({
        sid: `Table${position}`,
        actions: grant.actions.map((action) => `dynamodb:${action}`),
        resources: [grant.on === "gsi1" ? table.indexArn : table.arn],
        conditions: leadingKeys(grant.leadingKeys),
      }),
  );
}

/** `ForAllValues` is true of a request without keys, so `Null` must ask for them. */
function leadingKeys(patterns: readonly string[]) {
  return {
    "ForAllValues:StringLike": { "dynamodb:LeadingKeys": patterns },
    Null: { "dynamodb:LeadingKeys": "false" },
  };
}
