import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { Table } from "./client.ts";
import { isWritten } from "./is-written.ts";
import type { Key } from "./item.ts";
import type { Shard } from "./shards.ts";

export interface PageNote {
  /** The attribute of the item that holds `shards`. */
  readonly of: string;
  /** What else that attribute holds, by which the page was meant: work that began anew since is another. */
  readonly meant: Readonly<Record<string, string | number>>;
  readonly shard: string;
  /** Pages that were done before this one. */
  readonly pages: number;
}

/**
 * Notes how far a shard has come after a page; the note's own stream record starts the next one. A page that was noted
 * before, or was meant for work that began anew since, changes nothing.
 */
export async function notePage(table: Table, key: Key, { of, meant, shard, pages }: PageNote, next: Shard) {
  const conditions = Object.keys(meant).map((name) => `#of.#${name} = :${name}`);
  const names = Object.keys(meant).map((name) => [`#${name}`, name]);
  const values = Object.entries(meant).map(([name, value]) => [`:${name}`, value]);
  await isWritten(
    table.client.send(
      new UpdateCommand({
        TableName: table.name,
        Key: { pk: key.pk, sk: key.sk },
        UpdateExpression: "SET #of.#shards.#shard = :next",
        ConditionExpression: [...conditions, "#of.#shards.#shard.#pages = :pages"].join(" AND "),
        ExpressionAttributeNames: {
          ...Object.fromEntries(names),
          "#of": of,
          "#shards": "shards",
          "#shard": shard,
          "#pages": "pages",
        },
        ExpressionAttributeValues: { ...Object.fromEntries(values), ":next": next, ":pages": pages },
      }),
    ),
  );
}
