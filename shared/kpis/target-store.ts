import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { GetCommand, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { DomainError } from "../errors.ts";
import type { Table } from "../table/client.ts";
import { historyWrite, readHistory } from "../table/history.ts";
import type { Key } from "../table/item.ts";
import { queryAll } from "../table/query-all.ts";
import type { Page, Paging } from "../table/query-page.ts";
import { nextVersion } from "../table/versioned.ts";
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
  const item = { ...keyOf(target), kind: "kpiTarget", ...target };
  return [
    { Put: nextVersion(table, item) },
    historyWrite(table, { pk: historyPk(target), kind: "kpiTargetVersion" }, target),
  ];
}

/**
 * A page of a target's versions, the newest first.
 *
 * @throws DomainError invalid_input for a cursor that we did not make.
 */
export function readTargetHistory(table: Table, place: TargetPlace, paging: Paging): Promise<Page<Target>> {
  return readHistory(table, historyPk(place), paging, (item) => targetSchema.parse(item));
}
