import { Aws } from "aws-cdk-lib";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { CfnSchedule } from "aws-cdk-lib/aws-scheduler";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { FunctionName } from "../../shared/runtime/environments.ts";
import { namesOf } from "../names.ts";
import { RapportFunction, type RapportFunctionProps } from "./rapport-function.ts";

export interface ScheduledFunctionProps<Name extends FunctionName> extends RapportFunctionProps<Name> {
  /** `rate(1 minute)` or `cron(0 8 * * ? *)`, by the account's time zone. */
  readonly expression: string;
  readonly deadLetterQueue: IQueue;
}

/** A function that the clock starts. */
export class ScheduledFunction<Name extends FunctionName> extends Construct {
  constructor(scope: Construct, id: string, props: ScheduledFunctionProps<Name>) {
    super(scope, id);
    const { lambda } = new RapportFunction(this, "Worker", props);
    const role = new Role(this, "SchedulerRole", {
      assumedBy: new ServicePrincipal("scheduler.amazonaws.com", {
        conditions: { StringEquals: { "aws:SourceAccount": Aws.ACCOUNT_ID } },
      }),
    });
    role.addToPolicy(new PolicyStatement({ actions: ["lambda:InvokeFunction"], resources: [lambda.functionArn] }));
    role.addToPolicy(
      new PolicyStatement({ actions: ["sqs:SendMessage"], resources: [props.deadLetterQueue.queueArn] }),
    );
    const schedule = new CfnSchedule(this, "Schedule", {
      name: `${namesOf(props.config).prefix}-${props.name}`,
      scheduleExpression: props.expression,
      scheduleExpressionTimezone: props.config.timeZone,
      flexibleTimeWindow: { mode: "OFF" },
      target: {
        arn: lambda.functionArn,
        roleArn: role.roleArn,
        deadLetterConfig: { arn: props.deadLetterQueue.queueArn },
      },
    });
    schedule.node.addDependency(role);
  }
}
