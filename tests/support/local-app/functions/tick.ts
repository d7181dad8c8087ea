import { DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";

const client = new DynamoDBClient({});

export async function handler(): Promise<void> {
  await client.send(
    new UpdateItemCommand({
      TableName: process.env.TABLE_NAME,
      Key: { pk: { S: "ticks" } },
      UpdateExpression: "SET #text = if_not_exists(#text, :none) ADD ticks :one",
      ExpressionAttributeNames: { "#text": "text" },
      ExpressionAttributeValues: { ":none": { S: "ticks of the schedule" }, ":one": { N: "1" } },
    }),
  );
}
