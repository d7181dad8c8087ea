import { randomUUID } from "node:crypto";
import { DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { APIGatewayProxyEventV2, APIGatewayProxyResultV2 } from "aws-lambda";

const client = new DynamoDBClient({});
const TableName = process.env.TABLE_NAME ?? "";

export async function handler(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyResultV2> {
  const id = event.pathParameters?.id;
  if (id !== undefined) {
    const { Item } = await client.send(new GetItemCommand({ TableName, Key: { pk: { S: id } } }));
    return { statusCode: Item === undefined ? 404 : 200, body: JSON.stringify({ text: Item?.text?.S }) };
  }
  const { to, text } = JSON.parse(event.body ?? "{}");
  const pk = randomUUID();
  const Item = { pk: { S: pk }, to: { S: to }, text: { S: text }, at: { S: new Date().toISOString() } };
  await client.send(new PutItemCommand({ TableName, Item }));
  return { statusCode: 201, body: JSON.stringify({ id: pk }) };
}
