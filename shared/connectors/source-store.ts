import { GetCommand, PutCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod/mini";
import type { Table } from "../table/client.ts";
import { isWritten } from "../table/is-written.ts";
import type { Key } from "../table/item.ts";
import { type Source, sourceNameSchema, sourceSchema } from "./source.ts";

const partition = "SOURCES";
const ignoredSuffix = "#ignored";

function sourceKey(source: string): Key {
  return { pk: partition, sk: source };
}

const ignoredKey = (source: string): Key => sourceKey(`${source}${ignoredSuffix}`);

/** A source by its name; undefined when there is none. */
export async function getSource(table: Table, source: string): Promise<Source | undefined> {
  if (!sourceNameSchema.safeParse(source).success) return undefined;
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key: sourceKey(source) }));
  return Item && sourceSchema.parse(Item);
}

/** Keeps a source, or connects it again. */
export async function putSource(table: Table, source: Source): Promise<void> {
  const Item = { ...sourceKey(source.source), kind: "source", ...source };
  await table.client.send(new PutCommand({ TableName: table.name, Item }));
}

/** A source, and how many deliveries of which topic said nothing to us. */
export interface CountedSource extends Source {
  readonly ignored: Readonly<Record<string, number>>;
}

/** Every source, in one read: there are a handful. */
export async function listSources(table: Table): Promise<readonly CountedSource[]> {
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": partition },
    }),
  );
  const counts = new Map(
    Items.filter(({ kind }) => kind === "ignored").map((item) => {
      const { pk: _, sk, kind: __, ...topics } = z.looseObject({ sk: z.string() }).parse(item);
      return [sk, z.record(z.string(), z.number()).parse(topics)];
    }),
  );
  return Items.filter(({ kind }) => kind === "source").map((item) => {
    const source = sourceSchema.parse(item);
    return { ...source, ignored: counts.get(ignoredKey(source.source).sk) ?? {} };
  });
}

/** Marks a source as removed by its sender. One that does not exist stays so. */
export async function disconnectSource(table: Table, source: string, now: Date): Promise<void> {
  await isWritten(
    table.client.send(
      new UpdateCommand({
        TableName: table.name,
        Key: sourceKey(source),
        UpdateExpression: "SET connected = :no, disconnectedAt = :now",
        ConditionExpression: "connected = :yes",
        ExpressionAttributeValues: { ":no": false, ":yes": true, ":now": now.toISOString() },
      }),
    ),
  );
}

/** Counts a delivery that says nothing to us. A delivery that comes again counts again. */
export async function countIgnored(table: Table, source: string, topic: string): Promise<void> {
  await table.client.send(
    new UpdateCommand({
      TableName: table.name,
      Key: ignoredKey(source),
      UpdateExpression: "SET kind = :kind ADD #topic :one",
      ExpressionAttributeNames: { "#topic": /^[\w./ ()-]{1,80}$/.test(topic) ? topic : "other" },
      ExpressionAttributeValues: { ":kind": "ignored", ":one": 1 },
    }),
  );
}
