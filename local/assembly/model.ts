/**
 * What the host runs: the synthesized templates with every intrinsic resolved, as plain data.
 * The reader fills it; engines, gateway, functions and event sources read it. Names are physical names.
 */

export interface Assembly {
  readonly region: string;
  readonly account: string;
  readonly tables: readonly TableModel[];
  readonly queues: readonly QueueModel[];
  readonly functions: readonly FunctionModel[];
  readonly httpApis: readonly HttpApiModel[];
  readonly eventSources: readonly EventSourceModel[];
  readonly rules: readonly EventRuleModel[];
  readonly schedules: readonly ScheduleModel[];
  readonly configurationSets: readonly ConfigurationSetModel[];
  readonly identities: readonly string[];
  readonly userPools: readonly UserPoolModel[];
  readonly outputs: Readonly<Record<string, string>>;
}

export interface KeyModel {
  readonly name: string;
  readonly type: "S" | "N" | "B";
}

export interface IndexModel {
  readonly name: string;
  readonly partitionKey: KeyModel;
  readonly sortKey?: KeyModel;
  readonly projection: { readonly type: "ALL" | "KEYS_ONLY" | "INCLUDE"; readonly attributes: readonly string[] };
}

export interface TableModel {
  readonly name: string;
  readonly arn: string;
  /** The ARN that templates see; the engine's own stream ARN differs and stays inside the host. */
  readonly streamArn?: string;
  readonly streamViewType?: "KEYS_ONLY" | "NEW_IMAGE" | "OLD_IMAGE" | "NEW_AND_OLD_IMAGES";
  readonly partitionKey: KeyModel;
  readonly sortKey?: KeyModel;
  readonly indexes: readonly IndexModel[];
  readonly ttlAttribute?: string;
}

export interface QueueModel {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  readonly visibilityTimeoutSeconds: number;
  readonly delaySeconds: number;
  readonly retentionSeconds: number;
  readonly redrive?: { readonly deadLetterArn: string; readonly maxReceiveCount: number };
}

/** One statement of a role's policies, intrinsics resolved; `*` and `?` are wildcards as in IAM. */
export interface PolicyStatement {
  readonly effect: "Allow" | "Deny";
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** operator → key → values, as in the template (`ForAllValues:StringLike`, `Null`, …). */
  readonly conditions: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

export interface FunctionModel {
  readonly name: string;
  readonly arn: string;
  readonly logicalId: string;
  /** Folder of the bundled asset. */
  readonly codePath: string;
  /** `file.export`, as in the template. */
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly reservedConcurrency?: number;
  readonly roleArn: string;
  readonly policies: readonly PolicyStatement[];
  readonly logGroup?: string;
  /** Queue for asynchronous invocations that failed to the end. */
  readonly deadLetterArn?: string;
  /** From which level on CloudWatch takes the platform's own lines (START, END and REPORT are INFO); INFO when left out. */
  readonly systemLogLevel?: "DEBUG" | "INFO" | "WARN";
}

export interface JwtAuthorizerModel {
  readonly issuer: string;
  readonly audiences: readonly string[];
}

export interface RouteModel {
  /** `GET /v1/contacts/{id}` or `$default`. */
  readonly routeKey: string;
  readonly functionName: string;
  readonly authorizer?: JwtAuthorizerModel;
  readonly scopes: readonly string[];
  readonly throttle?: { readonly rate: number; readonly burst: number };
}

export interface CorsModel {
  readonly allowOrigins: readonly string[];
  readonly allowMethods: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly allowCredentials: boolean;
  readonly maxAgeSeconds?: number;
}

export interface HttpApiModel {
  readonly id: string;
  readonly name: string;
  readonly logicalId: string;
  readonly routes: readonly RouteModel[];
  readonly cors?: CorsModel;
  readonly defaultThrottle?: { readonly rate: number; readonly burst: number };
  /** The access log's line, with `$context.…` variables; nothing is logged without it. */
  readonly accessLogFormat?: string;
}

export interface EventSourceModel {
  readonly kind: "stream" | "queue";
  readonly sourceArn: string;
  readonly functionName: string;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly reportBatchItemFailures: boolean;
  /** Event patterns; a record passes when any of them matches; empty passes all. */
  readonly filters: readonly unknown[];
  readonly maximumConcurrency?: number;
  readonly parallelizationFactor: number;
  readonly bisectOnError: boolean;
  /** -1 is for ever. */
  readonly maximumRetryAttempts: number;
  /** -1 is for ever. */
  readonly maximumRecordAgeSeconds: number;
  readonly onFailureArn?: string;
  readonly startingPosition?: "LATEST" | "TRIM_HORIZON";
}

export interface RuleTargetModel {
  readonly arn: string;
  readonly input?: string;
  readonly deadLetterArn?: string;
}

export interface EventRuleModel {
  readonly name: string;
  readonly enabled: boolean;
  readonly pattern?: unknown;
  readonly scheduleExpression?: string;
  readonly targets: readonly RuleTargetModel[];
}

export interface ScheduleModel {
  readonly name: string;
  readonly enabled: boolean;
  /** `rate(1 minute)` or `cron(0 8 * * ? *)`. */
  readonly expression: string;
  readonly timezone: string;
  readonly target: RuleTargetModel;
}

export interface ConfigurationSetModel {
  readonly name: string;
  readonly eventDestinations: readonly {
    readonly enabled: boolean;
    readonly types: readonly string[];
    readonly eventBusArn: string;
  }[];
}

export interface UserPoolModel {
  readonly id: string;
  readonly issuer: string;
  readonly clients: readonly {
    readonly id: string;
    readonly scopes: readonly string[];
    readonly callbackUrls: readonly string[];
    readonly logoutUrls: readonly string[];
  }[];
  readonly groups: readonly string[];
  readonly domain?: string;
}
