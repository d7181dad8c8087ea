import * as z from "zod";
import { count, defineResource, flag, type Identity, type ResourceType } from "../resource.ts";

const properties = z.strictObject({
  QueueName: z.optional(z.string()),
  VisibilityTimeout: z._default(count, 30),
  DelaySeconds: z._default(count, 0),
  MessageRetentionPeriod: z._default(count, 345_600),
  RedrivePolicy: z.optional(z.strictObject({ deadLetterTargetArn: z.string(), maxReceiveCount: count })),
  FifoQueue: z.optional(flag.refine((fifo) => !fifo, "FIFO queues are not run")),
});
type Properties = z.infer<typeof properties>;

const name = (queue: Properties, identity: Identity) => queue.QueueName ?? identity.generatedName(80);
const arn = (queue: Properties, identity: Identity) => identity.arn("sqs", name(queue, identity));
const url = (queue: Properties, identity: Identity) =>
  `${identity.urls.sqs}/${identity.account}/${name(queue, identity)}`;

const queue = defineResource({
  type: "AWS::SQS::Queue",
  properties,
  ignored: {
    SqsManagedSseEnabled: "messages lie on the laptop's own disk",
    KmsMasterKeyId: "messages lie on the laptop's own disk",
    KmsDataKeyReusePeriodSeconds: "messages lie on the laptop's own disk",
    RedriveAllowPolicy: "the host owns all queues, so no stranger can use one as its dead-letter queue",
    ReceiveMessageWaitTimeSeconds: "event sources wait as long as they need",
    MaximumMessageSize: "the engine keeps to the service's own limit",
    Tags: "tags change nothing at run time",
  },
  ref: url,
  attributes: { Arn: arn, QueueName: name, QueueUrl: url },
  collect: (it, identity, parts) =>
    parts.queues.push({
      name: name(it, identity),
      arn: arn(it, identity),
      url: url(it, identity),
      visibilityTimeoutSeconds: it.VisibilityTimeout,
      delaySeconds: it.DelaySeconds,
      retentionSeconds: it.MessageRetentionPeriod,
      ...(it.RedrivePolicy
        ? {
            redrive: {
              deadLetterArn: it.RedrivePolicy.deadLetterTargetArn,
              maxReceiveCount: it.RedrivePolicy.maxReceiveCount,
            },
          }
        : {}),
    }),
});

const queuePolicy = defineResource({
  type: "AWS::SQS::QueuePolicy",
  properties: z.object({}),
  ignoredEntirely: "roles are checked, policies of queues are not: only the host's own services deliver from outside",
  ref: (_, identity) => identity.generatedName(80),
});

export const sqs: readonly ResourceType[] = [queue, queuePolicy];
