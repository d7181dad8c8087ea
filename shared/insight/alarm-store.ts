import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { GetCommand, PutCommand, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { DomainError } from "../errors.ts";
import type { Table } from "../table/client.ts";
import { queryAll } from "../table/query-all.ts";
import { type Page, type Paging, queryPage } from "../table/query-page.ts";
import { putNextVersion } from "../table/versioned.ts";
import { type Alarm, alarmSchema, slotOf } from "./alarm.ts";

const pk = "ALARMS";
const openPrefix = "OPEN#";
const closedPrefix = "CLOSED#";

/** An open alarm stands in its slot's place: there is no room for a second. */
function itemOf(alarm: Alarm) {
  const sk = alarm.closedAt === null ? `${openPrefix}${slotOf(alarm)}` : `${closedPrefix}${alarm.closedAt}#${alarm.id}`;
  return { pk, sk, kind: "alarm", ...alarm };
}

/** Every open alarm: a few for each KPI at the most. */
export async function readOpenAlarms(table: Table, { consistent = false } = {}): Promise<readonly Alarm[]> {
  const items = await queryAll(table, { pk, prefix: openPrefix, consistent });
  const alarms = items.map((item) => alarmSchema.parse(item));
  return alarms.sort((one, other) => (one.openedAt > other.openedAt ? -1 : 1));
}

const closedPattern = /^CLOSED#\d{4}-\d\d-\d\dT[\d:.]+Z#[0-9a-f]{20}$/;

/** A page of the closed ones, the last closed first. @throws DomainError invalid_input for a cursor that we did not make. */
export function listClosedAlarms(table: Table, paging: Paging): Promise<Page<Alarm>> {
  const query = { ...paging, pk, prefix: closedPrefix, skPattern: closedPattern, newestFirst: true };
  return queryPage(table, query, (item) => alarmSchema.parse(item));
}

/** Opens an alarm, or writes its next version. @throws DomainError version_conflict when another write came first. */
export async function putAlarm(table: Table, alarm: Alarm): Promise<void> {
  if (!(await putNextVersion(table, itemOf(alarm)))) throw changed();
}

/** Moves an alarm from its slot to the closed ones, in one. @throws DomainError version_conflict */
export async function closeAlarm(table: Table, alarm: Alarm, at: string): Promise<void> {
  const { sk } = itemOf(alarm);
  const closed: Alarm = { ...alarm, state: "closed", closedAt: at, updatedAt: at, version: alarm.version + 1 };
  const condition = {
    ConditionExpression: "#version = :version",
    ExpressionAttributeNames: { "#version": "version" },
    ExpressionAttributeValues: { ":version": alarm.version },
  };
  try {
    await table.client.send(
      new TransactWriteCommand({
        TransactItems: [
          { Delete: { TableName: table.name, Key: { pk, sk }, ...condition } },
          { Put: { TableName: table.name, Item: itemOf(closed) } },
        ],
      }),
    );
  } catch (error) {
    if (error instanceof TransactionCanceledException) throw changed(error);
    throw error;
  }
}

function changed(cause?: unknown): DomainError {
  return new DomainError("version_conflict", "The alarm was changed meanwhile. Read it again.", { cause });
}

const lookKey = { pk, sk: "LOOKED" } as const;

/** Notes that all has been looked at on a local date. */
export async function noteLook(table: Table, date: string): Promise<void> {
  await table.client.send(new PutCommand({ TableName: table.name, Item: { ...lookKey, kind: "alarmLook", date } }));
}

export async function lastLook(table: Table): Promise<string | undefined> {
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key: lookKey }));
  return Item?.date === undefined ? undefined : String(Item.date);
}
