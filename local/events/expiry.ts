import * as z from "zod";
import type { TableModel } from "../assembly/model.ts";
import type { Clock } from "../interfaces.ts";
import { createEngineClient, type EngineClient, EngineError } from "./engine.ts";
import { type Log, messageOf } from "./source.ts";
import { type AttributeMap, keyOf } from "./stream-record.ts";

/** Deletes items whose time to live has passed on the host's time, as DynamoDB does within some hours. */
export interface Expiry {
  /** Deletes what has expired in all tables; returns how many items. */
  expire(): Promise<number>;
  /** True for a deletion that was made here, so that its stream record carries DynamoDB's identity. */
  isExpiry(table: string, key: string, oldImage: AttributeMap | undefined): boolean;
  close(): void;
}

const Attributes = z.record(z.string(), z.unknown());
const Page = z.object({ Items: z.array(Attributes), LastEvaluatedKey: z.optional(Attributes) });
const REMEMBERED = 100_000;
const AT_ONCE = 8;

export function createExpiry(options: {
  readonly tables: readonly TableModel[];
  readonly dynamodbUrl: string;
  readonly clock: Clock;
  readonly log: Log;
}): Expiry {
  const engine = createEngineClient(options.dynamodbUrl);
  const tables = options.tables.filter((table) => table.ttlAttribute !== undefined);
  const ttlOf = new Map(tables.map((table) => [table.name, table.ttlAttribute ?? ""]));
  // Of each key the time to live it was deleted at: the same key may be written and deleted again.
  const deleted = new Map<string, string>();

  const remember = (table: string, item: AttributeMap, ttl: string): void => {
    deleted.set(`${table} ${keyOf(item)}`, ttl);
    const oldest = deleted.size > REMEMBERED ? deleted.keys().next().value : undefined;
    if (oldest !== undefined) deleted.delete(oldest);
  };

  const expireTable = async (table: TableModel, attribute: string): Promise<number> => {
    let count = 0;
    const now = Math.floor(options.clock.now() / 1000);
    for await (const items of expiredItems(engine, table, attribute, now)) {
      for (let start = 0; start < items.length; start += AT_ONCE) {
        const slice = items.slice(start, start + AT_ONCE);
        const results = await Promise.all(slice.map((item) => deleteExpired(engine, table, attribute, item, remember)));
        count += results.filter(Boolean).length;
      }
    }
    return count;
  };

  const expire = async (): Promise<number> => {
    const counts = await Promise.all(
      tables.map((table) =>
        expireTable(table, table.ttlAttribute ?? "").catch((error: unknown) => {
          options.log({ level: "error", source: `time to live of ${table.name}`, message: messageOf(error) });
          return 0;
        }),
      ),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  };
  // In real time too, for a host that is never asked to advance.
  const hourly = setInterval(() => void expire(), 3_600_000).unref();

  return {
    expire,
    isExpiry(table, key, oldImage) {
      const ttl = deleted.get(`${table} ${key}`);
      if (ttl === undefined) return false;
      return oldImage === undefined || ttl === JSON.stringify(oldImage[ttlOf.get(table) ?? ""]);
    },
    close() {
      clearInterval(hourly);
      engine.close();
    },
  };
}

function keyNames(table: TableModel): readonly string[] {
  return [table.partitionKey.name, ...(table.sortKey ? [table.sortKey.name] : [])];
}

// As on AWS: only numbers count, and a time more than five years ago is taken for a mistake.
async function* expiredItems(
  engine: EngineClient,
  table: TableModel,
  attribute: string,
  now: number,
): AsyncGenerator<readonly AttributeMap[]> {
  const names = Object.fromEntries([...keyNames(table), attribute].map((name, index) => [`#a${index}`, name]));
  const ttl = `#a${keyNames(table).length}`;
  const fiveYears = 5 * 365 * 24 * 3600;
  let start: AttributeMap | undefined;
  do {
    const page = Page.parse(
      await engine.call("DynamoDB_20120810.Scan", {
        TableName: table.name,
        ProjectionExpression: Object.keys(names).join(", "),
        FilterExpression: `${ttl} BETWEEN :oldest AND :now`,
        ExpressionAttributeNames: names,
        ExpressionAttributeValues: { ":now": { N: String(now) }, ":oldest": { N: String(now - fiveYears) } },
        ...(start && { ExclusiveStartKey: start }),
      }),
    );
    yield page.Items;
    start = page.LastEvaluatedKey;
  } while (start);
}

// On condition of the same time to live: an item that was renewed since the scan stays.
async function deleteExpired(
  engine: EngineClient,
  table: TableModel,
  attribute: string,
  item: AttributeMap,
  remember: (table: string, key: AttributeMap, ttl: string) => void,
): Promise<boolean> {
  const Key = Object.fromEntries(keyNames(table).map((name) => [name, item[name]]));
  // Before the deletion: its stream record may be read before the answer is.
  remember(table.name, Key, JSON.stringify(item[attribute]));
  try {
    await engine.call("DynamoDB_20120810.DeleteItem", {
      TableName: table.name,
      Key,
      ConditionExpression: "#ttl = :ttl",
      ExpressionAttributeNames: { "#ttl": attribute },
      ExpressionAttributeValues: { ":ttl": item[attribute] },
    });
    return true;
  } catch (error) {
    if (error instanceof EngineError && error.code === "ConditionalCheckFailedException") return false;
    throw error;
  }
}
