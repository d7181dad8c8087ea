import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { GetCommand, PutCommand, paginateQuery, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { DomainError } from "../errors.ts";
import { batchGet } from "../table/batch-get.ts";
import type { Table } from "../table/client.ts";
import { isWritten } from "../table/is-written.ts";
import { keySchema } from "../table/item.ts";
import { newRebuild } from "./rebuild.ts";
import { type Segment, segmentKey, segmentSchema, segmentsPk } from "./segment.ts";

/** A segment by a consistent read; undefined when there is none. */
export async function getSegment(table: Table, id: string): Promise<Segment | undefined> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: segmentKey(id), ConsistentRead: true }),
  );
  return Item && segmentSchema.parse(Item);
}

/** Every live segment, by id. The list may lag a moment behind; the segments themselves are read consistently. */
export async function listSegments(table: Table): Promise<readonly Segment[]> {
  const segments: Segment[] = [];
  const pages = paginateQuery(
    { client: table.client, pageSize: 100 },
    {
      TableName: table.name,
      IndexName: "gsi1",
      KeyConditionExpression: "gsi1pk = :pk",
      ExpressionAttributeValues: { ":pk": segmentsPk },
    },
  );
  for await (const { Items = [] } of pages) {
    const keys = Items.map((entry) => keySchema.parse(entry));
    segments.push(...(await batchGet(table, keys, { consistent: true })).map((item) => segmentSchema.parse(item)));
  }
  // The index may still hold one that is archived.
  return segments.filter(({ archivedAt }) => archivedAt === undefined).sort((a, b) => (a.id < b.id ? -1 : 1));
}

/**
 * Writes the next version of a segment.
 *
 * @param expected the version that the change was made from; undefined for a new one
 * @throws DomainError already_exists, version_conflict or not_found
 */
export async function putSegment(table: Table, segment: Segment, expected: number | undefined): Promise<void> {
  const { id } = segment;
  try {
    await table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: {
          ...segmentKey(id),
          kind: "segment",
          ...(segment.archivedAt === undefined && { gsi1pk: segmentsPk, gsi1sk: id }),
          ...segment,
        },
        ...(expected === undefined
          ? { ConditionExpression: "attribute_not_exists(pk)" }
          : {
              ConditionExpression: "#version = :expected",
              ExpressionAttributeNames: { "#version": "version" },
              ExpressionAttributeValues: { ":expected": expected },
            }),
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    const current = error.Item?.version?.N;
    if (current === undefined) throw new DomainError("not_found", `There is no segment ${id}. Leave out If-Match.`);
    throw new DomainError(
      expected === undefined ? "already_exists" : "version_conflict",
      `The segment ${id} is at version ${current}. Read it, then send If-Match: "${current}".`,
    );
  }
}

/** Begins a rebuild by what has moved, once for each move; not when the definition has changed meanwhile. */
export async function beginRebuild(table: Table, { id, version }: Segment, cutPoints: number): Promise<void> {
  await isWritten(
    table.client.send(
      new UpdateCommand({
        TableName: table.name,
        Key: segmentKey(id),
        UpdateExpression: "SET #rebuild = :rebuild",
        ConditionExpression: "#version = :version AND #rebuild.cutPoints < :cutPoints",
        ExpressionAttributeNames: { "#rebuild": "rebuild", "#version": "version" },
        ExpressionAttributeValues: {
          ":rebuild": newRebuild(version, { cutPoints }),
          ":version": version,
          ":cutPoints": cutPoints,
        },
      }),
    ),
  );
}
