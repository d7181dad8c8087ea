import { AssemblyError } from "./error.ts";
import type { PolicyStatement } from "./model.ts";

const logs = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"];
const streamReads = ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"].map((it) => `dynamodb:${it}`);
const queueReads = ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"].map((it) => `sqs:${it}`);

/** AWS's own policies that Lambda roles commonly carry. */
const managed: Readonly<Record<string, readonly string[]>> = {
  AWSLambdaBasicExecutionRole: logs,
  AWSLambdaDynamoDBExecutionRole: [...logs, ...streamReads],
  AWSLambdaSQSQueueExecutionRole: [...logs, ...queueReads],
};

export function managedStatements(arn: string): readonly PolicyStatement[] {
  const actions = managed[arn.split("/").at(-1) ?? ""];
  if (actions === undefined || !arn.startsWith("arn:aws:iam::aws:policy/")) {
    throw new AssemblyError(
      `The managed policy ${arn} is not known to the host; write its statements in the stack or add it to local/assembly/managed-policies.ts.`,
    );
  }
  return [{ effect: "Allow", actions, resources: ["*"], conditions: {} }];
}
