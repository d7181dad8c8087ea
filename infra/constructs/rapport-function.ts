import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import {
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
} from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { EnvironmentInput, FunctionName } from "../../shared/runtime/environments.ts";
import { bundle } from "../bundle.ts";
import type { Config } from "../config-schema.ts";
import type { FunctionSettings } from "../function-settings.ts";
import { functions } from "../functions.ts";
import { namesOf } from "../names.ts";
import { tableReference } from "../table-reference.ts";
import { acknowledge } from "./acknowledge.ts";
import { secretsStatement } from "./secrets-statement.ts";
import { tableStatements } from "./table-statements.ts";

export interface RapportFunctionProps<Name extends FunctionName> {
  readonly config: Config;
  readonly name: Name;
  /** By the schema that the function parses it with; the table's name is added here. */
  readonly environment: Omit<EnvironmentInput<Name>, "TABLE_NAME">;
  /** Queues that its code sends to. */
  readonly sendsTo?: readonly IQueue[];
  /** Where an asynchronous invocation goes that failed to the last. */
  readonly deadLetterQueue?: IQueue;
}

/** A function of the product: bundle, log group and a role with the rights of `infra/functions.ts`. */
export class RapportFunction<Name extends FunctionName> extends Construct {
  readonly lambda: LambdaFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: RapportFunctionProps<Name>) {
    super(scope, id);
    const { config, name } = props;
    const settings: FunctionSettings = functions[name];
    const functionName = `${namesOf(config).prefix}-${name}`;
    const table = tableReference(this, config);
    const code = bundle(settings.entry, settings.browser);

    const logGroup = new LogGroup(this, "Logs", {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new Role(this, "Role", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
    this.role.addToPolicy(
      new PolicyStatement({
        sid: "Logs",
        actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
        resources: [logGroup.logGroupArn],
      }),
    );
    for (const statement of tableStatements(settings.table, table)) {
      this.role.addToPolicy(statement);
    }
    if (props.sendsTo !== undefined) {
      this.role.addToPolicy(
        new PolicyStatement({
          sid: "Send",
          actions: ["sqs:SendMessage"],
          resources: props.sendsTo.map((queue) => queue.queueArn),
        }),
      );
    }
    const { sourceSecrets, webhookSecrets } = namesOf(config);
    const secrets = [
      { sid: "SourceSecrets", path: sourceSecrets, actions: settings.sourceSecrets },
      { sid: "WebhookSecrets", path: webhookSecrets, actions: settings.webhookSecrets },
    ];
    for (const { sid, path, actions } of secrets) {
      if (actions === undefined) continue;
      this.role.addToPolicy(secretsStatement(this, { sid, path, actions }));
      acknowledge(this.role, {
        [`AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:${path}/*]`]:
          "The secrets of connected shops and of endpoints are made at run time: their path stands for them.",
      });
    }
    this.lambda = new LambdaFunction(this, "Function", {
      functionName,
      description: `Rapport ${config.stage}: ${name}`,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(code.directory, { assetHash: code.hash }),
      handler: "index.handler",
      memorySize: settings.memoryMb,
      timeout: Duration.seconds(settings.timeoutSeconds),
      role: this.role,
      environment: {
        ...variables({ ...props.environment, TABLE_NAME: table.name }),
        POWERTOOLS_SERVICE_NAME: name,
        POWERTOOLS_METRICS_NAMESPACE: namesOf(config).prefix,
      },
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      // START, END and REPORT of each invocation would be most of the log's bytes, at $0.50 a GB.
      systemLogLevelV2: SystemLogLevel.WARN,
      ...(props.deadLetterQueue === undefined ? {} : { deadLetterQueue: props.deadLetterQueue }),
    });
    acknowledge(this.lambda, {
      "Serverless-LambdaTracing":
        "A trace costs more than the invocation it shows; structured logs carry the correlation id.",
    });
    if (props.deadLetterQueue === undefined) {
      acknowledge(this.lambda, {
        "Serverless-LambdaDLQ":
          "Never invoked asynchronously: a failure goes to the caller, or back to its queue or stream.",
      });
    }
  }
}

function variables(environment: object): Record<string, string> {
  const given = Object.entries(environment).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([key, value]) => [key, String(value)]));
}
