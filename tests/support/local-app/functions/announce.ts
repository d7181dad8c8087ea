import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { DynamoDBStreamEvent } from "aws-lambda";

const client = new SQSClient({});

export async function handler(event: DynamoDBStreamEvent): Promise<void> {
  for (const { eventName, dynamodb } of event.Records) {
    const image = dynamodb?.NewImage;
    if (eventName !== "INSERT" || image?.to?.S === undefined) continue;
    const MessageBody = JSON.stringify({ to: image.to.S, text: image.text?.S });
    await client.send(new SendMessageCommand({ QueueUrl: process.env.QUEUE_URL, MessageBody }));
  }
}
