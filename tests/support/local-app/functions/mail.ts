import { SESClient, SendRawEmailCommand } from "@aws-sdk/client-ses";
import type { SQSEvent } from "aws-lambda";

const client = new SESClient({});

export async function handler(event: SQSEvent): Promise<void> {
  for (const record of event.Records) {
    const { to, text } = JSON.parse(record.body);
    const raw = `From: notes@example.com\r\nTo: ${to}\r\nSubject: A note for you\r\n\r\n${text}\r\n`;
    const Data = new TextEncoder().encode(raw);
    const ConfigurationSetName = process.env.CONFIGURATION_SET;
    await client.send(new SendRawEmailCommand({ RawMessage: { Data }, ConfigurationSetName }));
  }
}
