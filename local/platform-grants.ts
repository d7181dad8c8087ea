import type { Assembly, EventSourceModel, FunctionModel } from "./assembly/model.ts";
import type { Gateway } from "./gateway/server.ts";
import { StartError } from "./start-error.ts";

const needed = {
  stream: ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"].map((it) => `dynamodb:${it}`),
  queue: ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"].map((it) => `sqs:${it}`),
} as const;

/**
 * Actions that the platform takes with a function's role: polling its event sources, sending what failed, writing logs.
 * AWS refuses a mapping whose role lacks one of the first; without the rights to log, logs are silently missing.
 */
export function checkPlatformGrants(
  assembly: Assembly,
  authorize: Gateway["authorize"],
  warn: (message: string) => void,
): void {
  const demand = (functionName: string, action: string, resource: string, why: string) => {
    if (authorize(functionName, action, resource)) return;
    throw new StartError(
      `The role of ${functionName} lacks ${action} on ${resource}, which ${why} needs: grant it in the stack.`,
    );
  };
  for (const source of assembly.eventSources) demandForSource(source, demand);
  for (const fn of assembly.functions) {
    if (fn.deadLetterArn !== undefined) demand(fn.name, "sqs:SendMessage", fn.deadLetterArn, "its dead-letter queue");
    const denied = logActions(fn, assembly).filter(([action, resource]) => !authorize(fn.name, action, resource));
    if (denied.length > 0) warn(`${fn.name} could not write its logs on AWS: its role lacks ${denied[0]?.[0]}.`);
  }
}

type Demand = (functionName: string, action: string, resource: string, why: string) => void;

function demandForSource(source: EventSourceModel, demand: Demand): void {
  for (const action of needed[source.kind]) {
    demand(source.functionName, action, source.sourceArn, `its event source ${source.sourceArn}`);
  }
  if (source.onFailureArn !== undefined) {
    demand(source.functionName, "sqs:SendMessage", source.onFailureArn, "its on-failure destination");
  }
}

function logActions(fn: FunctionModel, assembly: Assembly): [action: string, resource: string][] {
  const group = `arn:aws:logs:${assembly.region}:${assembly.account}:log-group:${fn.logGroup ?? `/aws/lambda/${fn.name}`}`;
  return [
    ["logs:CreateLogStream", `${group}:log-stream:local`],
    ["logs:PutLogEvents", `${group}:log-stream:local`],
  ];
}
