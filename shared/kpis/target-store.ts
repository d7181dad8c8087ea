import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { GetCommand, QueryCommand, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { DomainError } from "../errors.ts";
import type { Table } from "../table/client.ts";
import { decodeCursor, encodeCursor } from "../table/cursor.ts";
import type { Key } from "../table/item.ts";
import { queryAll } from "../table/query-all.ts";
import { type Shape, shapePrefix, shapeSchema } from "./shape.ts";
import { type Target, type TargetPlace, targetSchema } from "./target.ts";

/** What a list of KPIs reads with every call stands together; the targets of groups stand apart, by KPI. */
const accountPk = "TARGET";
const groupsPk = (kpi: string) => `TARGET#by#${kpi}`;

function keyOf({ kpi, period, slice }: TargetPlace): Key {
  if (slice === undefined) return { pk: accountPk, sk: `${kpi}#${period}` };
  return { pk: groupsPk(kpi), sk: `${period}#${slice.by}#${slice.group}` };
}

function historyPk(place: TargetPlace): string {
  const { pk, sk } = keyOf(place);
  return `TARGET#history#${pk.slice(accountPk.length + 1)}#${sk}`;
}

const versionPattern = /^\d{8}$/;
const versionSk = (version: number) => String(version).padStart(8, "0");

/** A target's newest version, the one that took it back included; consistent. */
export async function readTarget(table: Table, place: TargetPlace): Promise<Target | undefined> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: { ...keyOf(place) }, ConsistentRead: true }),
  );
  return Item && targetSchema.parse(Item);
}

/** The account's targets, and how its counts come in over a period. */
export interface Standards {
  readonly targets: readonly Target[];
  readonly shapes: readonly Shape[];
}

/** What every KPI of the whole account is held against, in one query. */
export async function readStandards(table: Table): Promise<Standards> {
  const items = await queryAll(table, { pk: accountPk });
  const [shapes, targets] = [items.filter(isShape), items.filter((item) => !isShape(item))];
  return { targets: standing(targets), shapes: shapes.map((item) => shapeSchema.parse(item)) };
}

/** The targets of a KPI's groups, in one query. */
export async function readGroupTargets(table: Table, kpi: string): Promise<readonly Target[]> {
  return standing(await queryAll(table, { pk: groupsPk(kpi) }));
}

function standing(items: readonly unknown[]): readonly Target[] {
  return items.map((item) => targetSchema.parse(item)).filter(({ ended }) => ended === undefined);
}

function isShape({ sk }: Record<string, unknown>): boolean {
  return String(sk).startsWith(shapePrefix);
}

/**
 * Writes a target's next version in place of the one before, and keeps it in the history: both or neither.
 *
 * @throws DomainError version_conflict when another change came first
 */
export async function putTarget(table: Table, target: Target): Promise<void> {
  try {
    await table.client.send(new TransactWriteCommand({ TransactItems: targetWrites(table, target) }));
  } catch (cause) {
    if (!(cause instanceof TransactionCanceledException)) throw cause;
    throw new DomainError("version_conflict", "The target was changed meanwhile. Read it again.", { cause });
  }
}

/** The writes that {@link putTarget} makes, for a transaction that they are to be part of. */
export function targetWrites(table: Table, target: Target) {
  const before = target.version - 1;
  const kept = { pk: historyPk(target), sk: versionSk(target.version), kind: "kpiTargetVersion", ...target };
  return [
    {
      Put: {
        TableName: table.name,
        Item: { ...keyOf(target), kind: "kpiTarget", ...target },
        ConditionExpression: before === 0 ? "attribute_not_exists(pk)" : "version = :before",
        ...(before > 0 && { ExpressionAttributeValues: { ":before": before } }),
      },
    },
    { Put: { TableName: table.name, Item: kept, ConditionExpression: "attribute_not_exists(pk)" } },
  ];
}

/**
 * A page of a target's versions, the newest first.
 *
 * @throws DomainError invalid_input for a cursor that we did not make.
 */
export async function readTargetHistory(
  table: Table,
  place: TargetPlace,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<{ readonly items: readonly Target[]; readonly nextCursor: string | null }> {
  const before = cursor === undefined ? undefined : decodeCursor(cursor, versionPattern);
  const { Items = [], LastEvaluatedKey } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: before === undefined ? "pk = :pk" : "pk = :pk AND sk < :before",
      ExpressionAttributeValues: { ":pk": historyPk(place), ...(before !== undefined && { ":before": before }) },
      ScanIndexForward: false,
      Limit: limit,
    }),
  );
  const last = LastEvaluatedKey?.sk;
  return {
    items: Items.map((item) => targetSchema.parse(item)),
    nextCursor: typeof last === "string" ? encodeCursor(last) : null,
  };
}
