import * as z from "zod";
import type { EventSourceModel } from "../model.ts";
import { anything, count, defineResource, flag, type Identity, type ResourceType } from "../resource.ts";

const functionProperties = z.strictObject({
  FunctionName: z.optional(z.string()),
  Code: z.strictObject({ S3Bucket: z.string(), S3Key: z.string() }),
  Handler: z.string(),
  Role: z.string(),
  Runtime: z.string().regex(/^nodejs\d+\.x$/, "only Node.js runtimes run here"),
  Environment: z.optional(z.strictObject({ Variables: z._default(z.record(z.string(), z.coerce.string()), {}) })),
  MemorySize: z._default(count, 128),
  Timeout: z._default(count, 3),
  ReservedConcurrentExecutions: z.optional(count),
  DeadLetterConfig: z.optional(z.strictObject({ TargetArn: z.string() })),
  LoggingConfig: z.optional(
    z.strictObject({
      LogGroup: z.optional(z.string()),
      SystemLogLevel: z.optional(z.enum(["DEBUG", "INFO", "WARN"])),
    }),
  ),
});
type FunctionProperties = z.infer<typeof functionProperties>;

const name = (it: FunctionProperties, identity: Identity) => it.FunctionName ?? identity.generatedName(64);
const arn = (it: FunctionProperties, identity: Identity) => identity.arn("lambda", `function:${name(it, identity)}`);

const lambdaFunction = defineResource({
  type: "AWS::Lambda::Function",
  properties: functionProperties,
  ignored: {
    Architectures: "JavaScript runs on the laptop's own processor",
    Description: "a note to people",
    Tags: "tags change nothing at run time",
    TracingConfig: "no tracing service runs here",
    "LoggingConfig.LogFormat": "the host's log stream is always JSON lines",
    "LoggingConfig.ApplicationLogLevel": "the log reader filters by level",
    RuntimeManagementConfig: "the host's own Node.js runs the functions",
    RecursiveLoop: "loops are not counted here",
  },
  ref: name,
  attributes: { Arn: arn },
  collect: (it, identity, parts) => {
    const codePath = identity.asset(it.Code.S3Key);
    if (codePath === undefined) {
      throw identity.error(`its code ${it.Code.S3Key} is not an asset of the assembly (inline code is not run)`);
    }
    parts.functions.push({
      name: name(it, identity),
      arn: arn(it, identity),
      logicalId: identity.logicalId,
      codePath,
      handler: it.Handler,
      environment: it.Environment?.Variables ?? {},
      memoryMb: it.MemorySize,
      timeoutSeconds: it.Timeout,
      ...(it.ReservedConcurrentExecutions === undefined
        ? {}
        : { reservedConcurrency: it.ReservedConcurrentExecutions }),
      roleArn: it.Role,
      ...(it.DeadLetterConfig === undefined ? {} : { deadLetterArn: it.DeadLetterConfig.TargetArn }),
      ...(it.LoggingConfig?.SystemLogLevel === undefined ? {} : { systemLogLevel: it.LoggingConfig.SystemLogLevel }),
      ...(it.LoggingConfig?.LogGroup === undefined ? {} : { logGroup: it.LoggingConfig.LogGroup }),
    });
  },
});

const permission = defineResource({
  type: "AWS::Lambda::Permission",
  properties: z.object({}),
  ignoredEntirely: "the host's own services may call every function",
  ref: (_, identity) => identity.generatedName(100),
});

const eventSourceMapping = defineResource({
  type: "AWS::Lambda::EventSourceMapping",
  properties: z.strictObject({
    EventSourceArn: z.string(),
    FunctionName: z.string(),
    BatchSize: z.optional(count),
    MaximumBatchingWindowInSeconds: z._default(count, 0),
    FunctionResponseTypes: z._default(z.array(z.literal("ReportBatchItemFailures")), []),
    FilterCriteria: z.optional(
      z.strictObject({ Filters: z._default(z.array(z.strictObject({ Pattern: anything })), []) }),
    ),
    ScalingConfig: z.optional(z.strictObject({ MaximumConcurrency: z.optional(count) })),
    ParallelizationFactor: z._default(count, 1),
    BisectBatchOnFunctionError: z._default(flag, false),
    MaximumRetryAttempts: z._default(count, -1),
    MaximumRecordAgeInSeconds: z._default(count, -1),
    DestinationConfig: z.optional(
      z.strictObject({ OnFailure: z.optional(z.strictObject({ Destination: z.string() })) }),
    ),
    StartingPosition: z.optional(z.enum(["LATEST", "TRIM_HORIZON"])),
    Enabled: z._default(flag, true),
  }),
  ignored: {
    Tags: "tags change nothing at run time",
    MetricsConfig: "the host counts invocations itself",
    KmsKeyArn: "filters are no secret here",
  },
  ref: (_, identity) => identity.generatedId(36),
  collect: (it, identity, parts) => {
    if (!it.Enabled) return;
    const kind = kindOf(it.EventSourceArn, identity);
    const onFailure = it.DestinationConfig?.OnFailure?.Destination;
    const model: EventSourceModel = {
      kind,
      sourceArn: it.EventSourceArn,
      functionName: it.FunctionName.split(":").at(-1) ?? it.FunctionName,
      batchSize: it.BatchSize ?? (kind === "stream" ? 100 : 10),
      windowSeconds: it.MaximumBatchingWindowInSeconds,
      reportBatchItemFailures: it.FunctionResponseTypes.length > 0,
      filters: (it.FilterCriteria?.Filters ?? []).map(({ Pattern }) =>
        typeof Pattern === "string" ? JSON.parse(Pattern) : Pattern,
      ),
      ...(it.ScalingConfig?.MaximumConcurrency === undefined
        ? {}
        : { maximumConcurrency: it.ScalingConfig.MaximumConcurrency }),
      parallelizationFactor: it.ParallelizationFactor,
      bisectOnError: it.BisectBatchOnFunctionError,
      maximumRetryAttempts: it.MaximumRetryAttempts,
      maximumRecordAgeSeconds: it.MaximumRecordAgeInSeconds,
      ...(onFailure === undefined ? {} : { onFailureArn: onFailure }),
      ...(it.StartingPosition === undefined ? {} : { startingPosition: it.StartingPosition }),
    };
    parts.eventSources.push(model);
  },
});

function kindOf(sourceArn: string, identity: Identity): EventSourceModel["kind"] {
  if (/^arn:[^:]+:sqs:/.test(sourceArn)) return "queue";
  if (/^arn:[^:]+:dynamodb:.*\/stream\//.test(sourceArn)) return "stream";
  throw identity.error(`the event source ${sourceArn} is neither a queue nor a table's stream`);
}

export const lambda: readonly ResourceType[] = [lambdaFunction, permission, eventSourceMapping];
