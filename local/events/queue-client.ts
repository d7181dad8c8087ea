import * as z from "zod";
import { createEngineClient } from "./engine.ts";
import { parseArn } from "./source.ts";

const AttributeValue = z.object({
  DataType: z.string(),
  StringValue: z.optional(z.string()),
  BinaryValue: z.optional(z.string()),
});
const Message = z.object({
  MessageId: z.string(),
  ReceiptHandle: z.string(),
  Body: z.string(),
  MD5OfBody: z.string(),
  Attributes: z.record(z.string(), z.string()).default({}),
  MessageAttributes: z.record(z.string(), AttributeValue).default({}),
});
const Received = z.object({ Messages: z.optional(z.array(Message)) });
const Counts = z.object({ Attributes: z.record(z.string(), z.string()) });
const Stored = z.object({
  messages: z.object({
    delayed: z.array(z.object({ delayUntil: z.optional(z.number()) })),
    inflight: z.array(z.object({ visibilityDeadline: z.number() })),
  }),
});

export type QueueMessage = z.infer<typeof Message>;

/** One queue of the engine, as its consumer sees it. */
export interface QueueClient {
  /** `onAnswer` is called when the answer of a wait begins to come. */
  receive(most: number, waitSeconds: number, onAnswer?: () => void): Promise<readonly QueueMessage[]>;
  delete(messages: readonly QueueMessage[]): Promise<void>;
  release(messages: readonly QueueMessage[]): Promise<void>;
  /** When the next message that is delayed or in somebody's hands becomes visible. */
  nextVisible(): Promise<number | undefined>;
  close(): void;
}

const PER_CALL = 10;

export function createQueueClient(sqsUrl: string, queueArn: string): QueueClient {
  const { region, account, resource: name } = parseArn(queueArn);
  const engine = createEngineClient(sqsUrl, region);
  const QueueUrl = `${sqsUrl}/${account}/${name}`;

  const eachTen = async (
    target: string,
    messages: readonly QueueMessage[],
    extra: Readonly<Record<string, unknown>>,
  ): Promise<void> => {
    for (let start = 0; start < messages.length; start += PER_CALL) {
      const Entries = messages
        .slice(start, start + PER_CALL)
        .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle, ...extra }));
      await engine.call(target, { QueueUrl, Entries });
    }
  };

  return {
    async receive(most, waitSeconds, onAnswer) {
      const request = {
        QueueUrl,
        MaxNumberOfMessages: Math.min(most, PER_CALL),
        WaitTimeSeconds: waitSeconds,
        MessageSystemAttributeNames: ["All"],
        MessageAttributeNames: ["All"],
      };
      const answer = await engine.call("AmazonSQS.ReceiveMessage", request, onAnswer);
      return Received.parse(answer).Messages ?? [];
    },
    delete: (messages) => eachTen("AmazonSQS.DeleteMessageBatch", messages, {}),
    release: (messages) => eachTen("AmazonSQS.ChangeMessageVisibilityBatch", messages, { VisibilityTimeout: 0 }),
    async nextVisible() {
      const AttributeNames = ["ApproximateNumberOfMessagesDelayed", "ApproximateNumberOfMessagesNotVisible"];
      const counts = Counts.parse(await engine.call("AmazonSQS.GetQueueAttributes", { QueueUrl, AttributeNames }));
      // The counts are cheap; the messages themselves are looked at only when there are any.
      if (AttributeNames.every((attribute) => counts.Attributes[attribute] === "0")) return undefined;
      const { messages } = Stored.parse(await engine.inspect(`/_fauxqs/queues/${name}`));
      const delayed = messages.delayed.map((message) => message.delayUntil ?? 0);
      const inHands = messages.inflight.map((message) => message.visibilityDeadline);
      return [...delayed, ...inHands].reduce((soonest, due) => Math.min(soonest, due), Number.POSITIVE_INFINITY);
    },
    close: engine.close,
  };
}

/** The record of one message in Lambda's event. */
export function toQueueRecord(message: QueueMessage, queueArn: string): Readonly<Record<string, unknown>> {
  const messageAttributes = Object.entries(message.MessageAttributes).map(([name, value]) => [
    name,
    {
      ...(value.StringValue !== undefined && { stringValue: value.StringValue }),
      ...(value.BinaryValue !== undefined && { binaryValue: value.BinaryValue }),
      stringListValues: [],
      binaryListValues: [],
      dataType: value.DataType,
    },
  ]);
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes,
    messageAttributes: Object.fromEntries(messageAttributes),
    md5OfBody: message.MD5OfBody,
    eventSource: "aws:sqs",
    eventSourceARN: queueArn,
    awsRegion: parseArn(queueArn).region,
  };
}
