import { Duration } from "aws-cdk-lib";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { acknowledge } from "./acknowledge.ts";
import { impactAlarm } from "./impact-alarm.ts";

export interface FailureQueueProps {
  readonly queueName: string;
  /** One sentence: what a message here means for people. */
  readonly impact: string;
  /** One sentence: what the operator does about it. */
  readonly remedy: string;
  readonly alarms: ITopic;
}

/** Where work ends that failed to the last. A first message rings the operator. */
export class FailureQueue extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, id: string, props: FailureQueueProps) {
    super(scope, id);
    this.queue = new Queue(this, "Queue", {
      queueName: props.queueName,
      retentionPeriod: Duration.days(14),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    });
    impactAlarm(this, "Alarm", {
      ...props,
      metric: this.queue.metricApproximateNumberOfMessagesVisible({
        period: Duration.minutes(5),
        statistic: "Maximum",
      }),
      alarmName: props.queueName,
      threshold: 1,
    });
    acknowledge(this.queue, {
      "AwsSolutions-SQS3": "This is a dead-letter queue.",
      "Serverless-SQSRedrivePolicy": "This is a dead-letter queue: it ends here, with an alarm.",
    });
  }
}
