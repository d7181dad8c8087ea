import { Duration } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { EventSourceMapping, FilterCriteria, FilterRule, StartingPosition } from "aws-cdk-lib/aws-lambda";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import { mailUnknown } from "../../shared/runtime/metric-names.ts";
import { streamedKinds } from "../../shared/table/item.ts";
import { namesOf } from "../names.ts";
import { streamArn, tableReference } from "../table-reference.ts";
import { acknowledge } from "./acknowledge.ts";
import { countedMetric } from "./counted-metric.ts";
import { FailureQueue } from "./failure-queue.ts";
import { impactAlarm } from "./impact-alarm.ts";
import { RapportFunction, type RapportFunctionProps } from "./rapport-function.ts";

export interface StreamWorkerProps extends Omit<RapportFunctionProps<"table-stream">, "name" | "deadLetterQueue"> {
  readonly alarms: ITopic;
}

/** The function behind the table's stream. A record that it cannot handle never holds up the others. */
export class StreamWorker extends Construct {
  constructor(scope: Construct, id: string, props: StreamWorkerProps) {
    super(scope, id);
    const name = `${namesOf(props.config).prefix}-table-stream`;
    const worker = new RapportFunction(this, "Worker", { ...props, name: "table-stream" });
    const failures = new FailureQueue(this, "Failures", {
      queueName: `${name}-failures`,
      impact: "Changes were not followed up: leads may lack their welcome mail, and KPIs may be too low.",
      remedy:
        "Read the log of table-stream, mend the cause, and look at what was written in the time span that the message names.",
      alarms: props.alarms,
    });
    impactAlarm(this, "Late", {
      metric: worker.lambda.metric("IteratorAge", { period: Duration.minutes(5), statistic: "Maximum" }),
      alarmName: `${name}-late`,
      impact: "What comes in is kept but followed up late: welcome mails and KPIs are more than ten minutes behind.",
      remedy: "Look at the errors and the throttles of table-stream; raise its concurrency if there are none.",
      threshold: 600_000,
      alarms: props.alarms,
    });
    impactAlarm(this, "MailUnknown", {
      metric: countedMetric(props.config, "table-stream", mailUnknown, Duration.hours(1)),
      alarmName: `${name}-mail-unknown`,
      impact: "Of some mails nobody knows whether they were sent; marketing ones among them will not be sent again.",
      remedy:
        "Nothing is to be done for a few; many mean that the mail function or SES fails in mid-call: read its log.",
      threshold: 5,
      alarms: props.alarms,
    });
    const arn = streamArn(this, props.config);
    worker.role.addToPolicy(
      new PolicyStatement({
        sid: "PollStream",
        actions: ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
        resources: [arn],
      }),
    );
    worker.role.addToPolicy(
      new PolicyStatement({ sid: "GiveUp", actions: ["sqs:SendMessage"], resources: [failures.queue.queueArn] }),
    );
    // Lambda asks for ListStreams, which names no single stream: hence any stream, but of this table only.
    const anyStream = `${tableReference(this, props.config).arn}/stream/*`;
    worker.role.addToPolicy(
      new PolicyStatement({ sid: "ListStreams", actions: ["dynamodb:ListStreams"], resources: [anyStream] }),
    );
    acknowledge(worker.role, {
      [`AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:dynamodb:<AWS::Region>:<AWS::AccountId>:table/${tableReference(this, props.config).name}/stream/*]`]:
        "Lambda asks for ListStreams, which names no single stream; it is bound to this table.",
    });
    const source = new EventSourceMapping(this, "Source", {
      target: worker.lambda,
      eventSourceArn: arn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 100,
      // A lead's mail does not wait for a batch to fill; under load batches fill by themselves.
      maxBatchingWindow: Duration.seconds(0),
      // On-demand tables begin with four shards; one batch of each leaves room in a new account's ten executions.
      parallelizationFactor: 1,
      reportBatchItemFailures: true,
      bisectBatchOnError: true,
      // Failing stages go to the retry queue; a batch fails only when that queue cannot be reached, which is soon over.
      retryAttempts: 10,
      maxRecordAge: Duration.hours(6),
      onFailure: { bind: () => ({ destination: failures.queue.queueArn }) },
      filters: [
        FilterCriteria.filter({
          eventName: FilterRule.or("INSERT", "MODIFY"),
          dynamodb: { NewImage: { kind: { S: [...streamedKinds] } } },
        }),
      ],
    });
    source.node.addDependency(worker.role);
  }
}
