import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { GetCommand, paginateQuery, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { DomainError } from "../errors.ts";
import { batchGet } from "../table/batch-get.ts";
import type { Table } from "../table/client.ts";
import { decodeCursor, encodeCursor } from "../table/cursor.ts";
import { historyWrite, readHistory } from "../table/history.ts";
import { keySchema } from "../table/item.ts";
import type { Page, Paging } from "../table/query-page.ts";
import { nextVersion } from "../table/versioned.ts";
import {
  type Action,
  type ActionState,
  actionKey,
  actionSchema,
  dueOrder,
  dueOrderPattern,
  type Origin,
  originPartition,
  statePartition,
} from "./action.ts";

const historyPk = (id: string) => `ACTIONS#history#${id}`;

/** An action as it is now; consistent. */
export async function readAction(table: Table, id: string): Promise<Action | undefined> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: actionKey(id), ConsistentRead: true }),
  );
  return Item && actionSchema.parse(Item);
}

/**
 * Writes an action's first or next version, and keeps it in the history: both or neither.
 *
 * @throws DomainError already_exists, or version_conflict when another change came first
 */
export async function putAction(table: Table, action: Action): Promise<void> {
  const { id, state, version } = action;
  const list = { gsi1pk: statePartition(state), gsi1sk: dueOrder(action) };
  const item = { ...actionKey(id), kind: "action", ...list, ...action };
  try {
    await table.client.send(
      new TransactWriteCommand({
        TransactItems: [
          { Put: nextVersion(table, item) },
          historyWrite(table, { pk: historyPk(id), kind: "actionVersion" }, action),
        ],
      }),
    );
  } catch (cause) {
    if (!(cause instanceof TransactionCanceledException)) throw cause;
    const code = version === 1 ? "already_exists" : "version_conflict";
    throw new DomainError(code, "The action was changed meanwhile. Read it again.", { cause });
  }
}

/**
 * A page of an action's versions, the newest first.
 *
 * @throws DomainError invalid_input for a cursor that we did not make.
 */
export function readActionHistory(table: Table, id: string, paging: Paging): Promise<Page<Action>> {
  return readHistory(table, historyPk(id), paging, (item) => actionSchema.parse(item));
}

const pageSize = 100;
/** One call looks at no more than so many; a cursor goes on behind them. */
const mostLookedAt = 500;

/** An action, and where a list goes on behind it. */
interface Found {
  readonly action: Action | undefined;
  readonly place: string;
}

/** The actions of a theme or a review, in no order that says anything; consistent. */
async function* ofOrigin(table: Table, pk: string, after?: string): AsyncGenerator<Found> {
  const pages = paginateQuery(
    { client: table.client, pageSize },
    {
      TableName: table.name,
      ConsistentRead: true,
      KeyConditionExpression: after === undefined ? "pk = :pk" : "pk = :pk AND sk > :after",
      ExpressionAttributeValues: { ":pk": pk, ...(after !== undefined && { ":after": after }) },
    },
  );
  for await (const { Items = [] } of pages) {
    for (const item of Items) yield { action: actionSchema.parse(item), place: String(item.sk) };
  }
}

interface DueSpan {
  readonly from: string;
  readonly to: string;
}

const anyDay: DueSpan = { from: "0", to: "9" };

/** The actions in one state: open ones by their due day, closed ones the latest due first. */
async function* inState(
  table: Table,
  state: ActionState,
  after: string | undefined,
  due: DueSpan = anyDay,
): AsyncGenerator<Found> {
  const forward = state === "open";
  const [from, to] = [due.from, `${due.to}~`];
  const pages = paginateQuery(
    { client: table.client, pageSize },
    {
      TableName: table.name,
      IndexName: "gsi1",
      KeyConditionExpression: "gsi1pk = :pk AND gsi1sk BETWEEN :from AND :to",
      ExpressionAttributeValues: {
        ":pk": statePartition(state),
        ":from": forward ? (after ?? from) : from,
        ":to": forward ? to : (after ?? to),
      },
      ScanIndexForward: forward,
    },
  );
  for await (const { Items = [] } of pages) {
    const keys = Items.map((item) => keySchema.parse(item));
    const items = await batchGet(table, keys, { consistent: true });
    const byId = new Map(items.map((item) => [item.sk, actionSchema.parse(item)]));
    for (const { sk, gsi1sk } of Items) {
      if (gsi1sk === after) continue;
      const action = byId.get(String(sk));
      // The index may lag a moment behind.
      yield { action: action?.state === state ? action : undefined, place: String(gsi1sk) };
    }
  }
}

export interface ActionQuery extends Paging {
  readonly state: ActionState | undefined;
  /** The owner's e-mail address, in small letters. */
  readonly owner: string | undefined;
  readonly origin: { readonly kind: Origin["kind"]; readonly of: string } | undefined;
}

const idPattern = /^(theme|review)\.[a-z0-9-]{1,40}\.[0-9a-f]{20}$/;

/**
 * A page of actions: of one state (open, unless it says otherwise), or of one origin. A page may be short or empty, and have
 * a cursor all the same, where much was looked at and little passed.
 *
 * @throws DomainError invalid_input for a cursor that we did not make.
 */
export async function listActions(
  table: Table,
  { state, owner, origin, limit, cursor }: ActionQuery,
): Promise<Page<Action>> {
  const after =
    cursor === undefined ? undefined : decodeCursor(cursor, origin === undefined ? dueOrderPattern : idPattern);
  const source =
    origin === undefined
      ? inState(table, state ?? "open", after)
      : ofOrigin(table, originPartition(origin.kind, origin.of), after);
  const passes = (action: Action) =>
    (state === undefined || action.state === state) && (owner === undefined || action.owner.email === owner);
  const items: Action[] = [];
  let lookedAt = 0;
  let last: string | undefined;
  for await (const { action, place } of source) {
    if (last !== undefined && (items.length === limit || lookedAt === mostLookedAt)) {
      return { items, nextCursor: encodeCursor(last) };
    }
    lookedAt++;
    last = place;
    if (action !== undefined && passes(action)) items.push(action);
  }
  return { items, nextCursor: null };
}

/** The actions in one state that are due in a span of days, both included. */
export async function actionsDue(table: Table, state: ActionState, due: DueSpan): Promise<readonly Action[]> {
  const found: Action[] = [];
  for await (const { action } of inState(table, state, undefined, due)) if (action !== undefined) found.push(action);
  return found;
}
