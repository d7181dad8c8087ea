import { describe, expect, test } from "vitest";
import * as z from "zod";
import { synthesize } from "./support.ts";

const { ofType } = synthesize("prod");
const queueSchema = z.looseObject({
  QueueName: z.string(),
  VisibilityTimeout: z.number().optional(),
  SqsManagedSseEnabled: z.literal(true),
  RedrivePolicy: z.object({ deadLetterTargetArn: z.unknown(), maxReceiveCount: z.number() }).optional(),
});
const queues = ofType("AWS::SQS::Queue").map(({ id, Properties }) => ({ id, ...queueSchema.parse(Properties) }));
const working = queues.filter((queue) => queue.RedrivePolicy !== undefined);
const ends = queues.filter((queue) => queue.RedrivePolicy === undefined);
const arnOf = (id: string) => ({ "Fn::GetAtt": [id, "Arn"] });

describe.each(working)("the queue $QueueName", ({ id, VisibilityTimeout, RedrivePolicy }) => {
  const sources = ofType("AWS::Lambda::EventSourceMapping").filter(
    ({ Properties }) => JSON.stringify(Properties.EventSourceArn) === JSON.stringify(arnOf(id)),
  );

  test("gives up into a dead-letter queue after a few tries", () => {
    expect(ends.map((end) => arnOf(end.id))).toContainEqual(RedrivePolicy?.deadLetterTargetArn);
    expect(RedrivePolicy?.maxReceiveCount).toBeGreaterThanOrEqual(3);
    expect(RedrivePolicy?.maxReceiveCount).toBeLessThanOrEqual(10);
  });

  test("has one consumer, which reports failures one by one and leaves room for other functions", () => {
    expect(sources.map((source) => source.Properties)).toEqual([
      expect.objectContaining({
        FunctionResponseTypes: ["ReportBatchItemFailures"],
        ScalingConfig: { MaximumConcurrency: 2 },
      }),
    ]);
  });

  test("hides a message for six times its consumer's time-out", () => {
    const [consumer] = ofType("AWS::Lambda::Function").filter(
      (lambda) => JSON.stringify(sources[0]?.Properties.FunctionName) === JSON.stringify({ Ref: lambda.id }),
    );
    expect(VisibilityTimeout).toBe(6 * z.number().parse(consumer?.Properties.Timeout));
  });
});

describe.each(ends)("the dead-letter queue $QueueName", ({ id, QueueName }) => {
  test("rings the operator with a sentence about people and one about what to do", () => {
    const alarms = ofType("AWS::CloudWatch::Alarm").filter(({ Properties }) =>
      JSON.stringify(Properties.Dimensions).includes(JSON.stringify({ "Fn::GetAtt": [id, "QueueName"] })),
    );
    expect(alarms.map((alarm) => alarm.Properties)).toEqual([
      expect.objectContaining({
        AlarmName: QueueName,
        AlarmDescription: expect.stringMatching(/^[A-Z][^.]*(people|lead|mail)[^.]*\. [A-Z].+\.$/),
        AlarmActions: [expect.anything()],
        Threshold: 1,
        TreatMissingData: "notBreaching",
      }),
    ]);
  });

  test("keeps what it holds for the longest time there is", () => {
    const queue = ofType("AWS::SQS::Queue").find((each) => each.id === id);
    expect(queue?.Properties.MessageRetentionPeriod).toBe(14 * 86_400);
  });
});

test("queues are spoken to over TLS only", () => {
  const policies = ofType("AWS::SQS::QueuePolicy").map(({ Properties }) => JSON.stringify(Properties));
  expect(policies.filter((policy) => policy.includes('"aws:SecureTransport":"false"'))).toHaveLength(queues.length);
});

test("an alarm on what a function counts listens where that function counts it", () => {
  const services = ofType("AWS::Lambda::Function").map(({ Properties }) => {
    const { Variables } = z.object({ Variables: z.record(z.string(), z.unknown()) }).parse(Properties.Environment);
    return [Variables.POWERTOOLS_METRICS_NAMESPACE, Variables.POWERTOOLS_SERVICE_NAME];
  });
  const counted = ofType("AWS::CloudWatch::Alarm")
    .map(({ Properties }) => Properties)
    .filter(({ Namespace }) => !String(Namespace).startsWith("AWS/"));
  expect(counted.map(({ MetricName }) => MetricName).sort()).toEqual([
    "BouncesRise",
    "ComplaintsRise",
    "MailUnknown",
    "MarketingStopped",
    "ReconciliationDiffers",
    "RunsStandStill",
  ]);
  for (const { Namespace, Dimensions } of counted) {
    const [{ Value } = { Value: "" }] = z
      .array(z.object({ Name: z.literal("service"), Value: z.string() }))
      .parse(Dimensions);
    expect(services).toContainEqual([Namespace, Value]);
  }
});
