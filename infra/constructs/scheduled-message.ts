import { Aws } from "aws-cdk-lib";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { CfnSchedule } from "aws-cdk-lib/aws-scheduler";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { Config } from "../config-schema.ts";
import { namesOf } from "../names.ts";

export interface ScheduledMessageProps {
  readonly config: Config;
  readonly name: string;
  /** `cron(30 3 * * ? *)`, by the account's time zone. */
  readonly expression: string;
  readonly queue: IQueue;
  readonly message: object;
  readonly deadLetterQueue: IQueue;
}

/** A message that the clock sends to a queue. */
export class ScheduledMessage extends Construct {
  constructor(scope: Construct, id: string, props: ScheduledMessageProps) {
    super(scope, id);
    const { config, name, expression, queue, message, deadLetterQueue } = props;
    const role = new Role(this, "SchedulerRole", {
      assumedBy: new ServicePrincipal("scheduler.amazonaws.com", {
        conditions: { StringEquals: { "aws:SourceAccount": Aws.ACCOUNT_ID } },
      }),
    });
    role.addToPolicy(
      new PolicyStatement({ actions: ["sqs:SendMessage"], resources: [queue.queueArn, deadLetterQueue.queueArn] }),
    );
    const schedule = new CfnSchedule(this, "Schedule", {
      name: `${namesOf(config).prefix}-${name}`,
      scheduleExpression: expression,
      scheduleExpressionTimezone: config.timeZone,
      flexibleTimeWindow: { mode: "OFF" },
      target: {
        arn: queue.queueArn,
        input: JSON.stringify(message),
        roleArn: role.roleArn,
        deadLetterConfig: { arn: deadLetterQueue.queueArn },
      },
    });
    schedule.node.addDependency(role);
  }
}
