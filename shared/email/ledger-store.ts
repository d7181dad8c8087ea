import { randomBytes } from "node:crypto";
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { Table } from "../table/client.ts";
import type { Key } from "../table/item.ts";
import { type LedgerEntry, ledgerEntrySchema } from "./ledger.ts";

/** The ledger as its users see it: every write is on condition of the version before it. */
export interface Ledger {
  /** Consistent. */
  read(key: Key): Promise<LedgerEntry | undefined>;
  /** @returns `written`, or the entry that another worker has written meanwhile. */
  write(entry: LedgerEntry): Promise<"written" | LedgerEntry>;
}

/** The ledger in the table. A write is one unit: an entry stays below 1 KB. */
export function openLedger(table: Table): Ledger {
  async function read(key: Key): Promise<LedgerEntry | undefined> {
    const { Item } = await table.client.send(
      new GetCommand({ TableName: table.name, Key: { pk: key.pk, sk: key.sk }, ConsistentRead: true }),
    );
    return Item === undefined ? undefined : ledgerEntrySchema.parse(Item);
  }

  async function write(entry: LedgerEntry): Promise<"written" | LedgerEntry> {
    const writer = randomBytes(6).toString("base64url");
    const Item = { ...entry, writer };
    try {
      await table.client.send(new PutCommand({ TableName: table.name, Item, ...conditionOf(entry) }));
      return "written";
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      const current = await read(entry);
      if (current === undefined) throw new Error("The ledger entry has been removed meanwhile.", { cause: error });
      // The SDK repeats a write whose answer was lost; the repetition then fails on our own first one.
      return current.writer === writer ? "written" : current;
    }
  }

  return { read, write };
}

function conditionOf({ version }: LedgerEntry) {
  if (version === 1) return { ConditionExpression: "attribute_not_exists(pk)" };
  return {
    ConditionExpression: "#version = :previous",
    ExpressionAttributeNames: { "#version": "version" },
    ExpressionAttributeValues: { ":previous": version - 1 },
  };
}
