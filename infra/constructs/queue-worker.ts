import { Duration } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { EventSourceMapping } from "aws-cdk-lib/aws-lambda";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { FunctionName } from "../../shared/runtime/environments.ts";
import { functions } from "../functions.ts";
import { namesOf } from "../names.ts";
import { acknowledge } from "./acknowledge.ts";
import { FailureQueue } from "./failure-queue.ts";
import { RapportFunction, type RapportFunctionProps } from "./rapport-function.ts";

export interface QueueWorkerProps<Name extends FunctionName>
  extends Omit<RapportFunctionProps<Name>, "deadLetterQueue"> {
  readonly alarms: ITopic;
  /** One sentence: what a message that failed to the last means for people. */
  readonly impact: string;
  readonly batchSize: number;
  /** Batches at a time, from 2 on. New AWS accounts run ten functions at a time in all. */
  readonly maxConcurrency: number;
}

/** Tries before a message is given up: many, since a message shares its tries with those it is delivered beside. */
const tries = 8;

/** A queue and the function that works it off, with the dead-letter queue and the alarm that belong to them. */
export class QueueWorker<Name extends FunctionName> extends Construct {
  readonly queue: Queue;
  readonly failures: FailureQueue;
  readonly worker: RapportFunction<Name>;

  constructor(scope: Construct, id: string, props: QueueWorkerProps<Name>) {
    super(scope, id);
    const queueName = `${namesOf(props.config).prefix}-${props.name}`;
    this.failures = new FailureQueue(this, "Failures", {
      queueName: `${queueName}-failures`,
      impact: props.impact,
      remedy: `Read the log of ${props.name}, mend the cause, then redrive ${queueName}-failures: nothing is lost until its 14th day.`,
      alarms: props.alarms,
    });
    this.queue = new Queue(this, "Queue", {
      queueName,
      // Six times the function's time-out, so that no message is seen twice while its batch is still retried.
      visibilityTimeout: Duration.seconds(6 * functions[props.name].timeoutSeconds),
      retentionPeriod: Duration.days(14),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      deadLetterQueue: { queue: this.failures.queue, maxReceiveCount: tries },
    });
    this.worker = new RapportFunction(this, "Worker", props);
    this.worker.role.addToPolicy(
      new PolicyStatement({
        sid: "Poll",
        actions: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
        resources: [this.queue.queueArn],
      }),
    );
    const source = new EventSourceMapping(this, "Source", {
      target: this.worker.lambda,
      eventSourceArn: this.queue.queueArn,
      batchSize: props.batchSize,
      maxConcurrency: props.maxConcurrency,
      reportBatchItemFailures: true,
    });
    // Lambda checks these rights when it makes the mapping.
    source.node.addDependency(this.worker.role);
    acknowledge(source, {
      "Serverless-LambdaEventSourceMappingDestination":
        "A queue's failures go to its dead-letter queue by its redrive policy.",
    });
  }
}
