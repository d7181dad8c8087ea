import { DeleteCommand, GetCommand, paginateQuery } from "@aws-sdk/lib-dynamodb";
import { consentSchema } from "../consent/consent.ts";
import { addressHash } from "../contacts/email-address.ts";
import { emailOfIdentity } from "../contacts/identity.ts";
import { erasedReason } from "../email/ledger.ts";
import { suppressionSchema } from "../email/suppression.ts";
import { contactPk } from "../events/event-keys.ts";
import { eraseIntake } from "../intake/intake-store.ts";
import { endedRun } from "../journeys/engine.ts";
import { putProgress } from "../journeys/progress-store.ts";
import { replaceRun, runsOf } from "../journeys/run-store.ts";
import { forgetWakeUps } from "../journeys/wake-up-queue.ts";
import { forEachConcurrently } from "../stream/concurrency.ts";
import type { Table } from "../table/client.ts";
import { type Item, itemSchema, type Key, keySchema } from "../table/item.ts";
import { taskKey } from "../tasks/task.ts";
import { afterPass, type Erasure, type ErasureMessage, type Pass } from "./erasure.ts";
import { readErasure, replaceErasure } from "./erasure-store.ts";
import { withdrawalsIn } from "./refusal.ts";
import { ensureRefusalSecret, keepRefusal } from "./refusal-store.ts";

export interface EraseDependencies {
  readonly table: Table;
  readonly now: () => Date;
  /** Items that one pass deletes at most: it has to end within the function's time-out. */
  readonly passSize?: number;
}

const defaultPassSize = 1_000;
const concurrency = 16;

/**
 * Makes one pass over all that is held on a contact who is to be erased, and notes it on the record, whose stream record
 * asks for the next. Nothing remembers how far it came: what is gone is gone. So a crash anywhere, and any number of
 * workers at one time, are right.
 */
export async function erase(deps: EraseDependencies, message: ErasureMessage): Promise<void> {
  const { table, now, passSize = defaultPassSize } = deps;
  const erasure = await readErasure(table, message.contactId);
  if (erasure?.version !== message.version || erasure.nextAt === undefined) return;
  await ensureRefusalSecret(table);
  const pass = await passOver(table, erasure, passSize, now());
  await replaceErasure(table, afterPass(erasure, pass, now()));
}

/** Runs first, so that reports say how they ended; then what the index names; at last the partition itself. */
async function passOver(table: Table, { contactId, requestedAt }: Erasure, size: number, now: Date): Promise<Pass> {
  const deleted: Record<string, number> = {};
  const target: Target = {
    table,
    contactId,
    requestedAt,
    count: (kind) => {
      deleted[kind] = (deleted[kind] ?? 0) + 1;
    },
  };
  await endRuns(table, contactId, now);
  let left = size;
  for await (const items of pagesOf(table, contactId)) {
    const page = items.slice(0, left);
    // An address leads to its consent, which the index names as well: one after the other, so that each counts once.
    const width = page.every((item) => "kind" in item) ? concurrency : 1;
    await all(page, (item) => ("kind" in item ? eraseItem(target, item) : eraseOutside(target, item)), width);
    left -= page.length;
    if (left === 0) return { deleted, complete: false };
  }
  return { deleted, complete: true };
}

async function endRuns(table: Table, contactId: string, now: Date): Promise<void> {
  for (const run of await runsOf(table, contactId)) {
    const ended = run.state === "ended" ? run : endedRun(run, "erased", now.toISOString());
    if (ended !== run && (await replaceRun(table, run, ended)) === "not written") {
      throw new Error("a run went on while it was being ended");
    }
    await forgetWakeUps(table, run);
    // Its stage may come too late, when the run itself is gone.
    await putProgress(table, ended);
  }
}

async function* pagesOf(table: Table, contactId: string): AsyncGenerator<readonly (Key | Item)[]> {
  const pk = contactPk(contactId);
  const outside = paginateQuery(
    { client: table.client },
    {
      TableName: table.name,
      IndexName: "gsi1",
      KeyConditionExpression: "gsi1pk = :pk",
      ExpressionAttributeValues: { ":pk": pk },
    },
  );
  for await (const { Items = [] } of outside) yield Items.map((entry) => keySchema.parse(entry));
  const partition = paginateQuery(
    { client: table.client },
    {
      TableName: table.name,
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": pk },
      ConsistentRead: true,
    },
  );
  for await (const { Items = [] } of partition) {
    yield Items.map((item) => itemSchema.parse(item)).filter((item) => !staysOf(item));
  }
}

/** The record itself, and what says that a mail was not sent because of it: neither holds anything of the person. */
function staysOf(item: Item): boolean {
  return item.kind === "erasure" || (item.kind === "message" && item.reason === erasedReason);
}

interface Target {
  readonly table: Table;
  readonly contactId: string;
  readonly requestedAt: string;
  /** Hears of each item that was deleted. */
  readonly count: (kind: string) => void;
}

/** Deletes an item, what only it leads to first: once it is gone nothing leads there. */
async function eraseItem(target: Target, item: Item): Promise<void> {
  const { table } = target;
  if (typeof item.intakeId === "string") await eraseIntake(table, item.intakeId);
  if (typeof item.taskId === "string") await deleteItem(target, taskKey(item.taskId));
  if (item.pk.startsWith(addressPrefix)) await keepWord(table, item);
  const email = emailOfIdentity(item.pk);
  if (email !== undefined) await eraseAddress(target, addressHash(email));
  await deleteItem(target, item);
}

async function deleteItem({ table, count }: Target, { pk, sk }: Key): Promise<void> {
  const { Attributes } = await table.client.send(
    new DeleteCommand({ TableName: table.name, Key: { pk, sk }, ReturnValues: "ALL_OLD" }),
  );
  if (Attributes !== undefined) count(itemSchema.parse(Attributes).kind);
}

/** What the index says is somebody's may have become somebody else's since. */
async function eraseOutside(target: Target, { pk, sk }: Key): Promise<void> {
  const { table, contactId } = target;
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: { pk, sk }, ConsistentRead: true }),
  );
  if (Item?.gsi1pk === contactPk(contactId)) await eraseItem(target, itemSchema.parse(Item));
}

const addressPrefix = "ADDRESS#";

/** Consent and suppression of the contact's address go, whoever they name. That its owner was erased stays. */
async function eraseAddress(target: Target, hash: string): Promise<void> {
  const { table, contactId, requestedAt } = target;
  await keepRefusal(table, hash, { erased: { contactId, at: requestedAt } });
  const pages = paginateQuery(
    { client: table.client },
    {
      TableName: table.name,
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": `${addressPrefix}${hash}` },
      ConsistentRead: true,
    },
  );
  for await (const { Items = [] } of pages) {
    for (const item of Items.map((found) => itemSchema.parse(found))) await eraseItem(target, item);
  }
}

/** That an address said no stays, under its keyed hash. */
async function keepWord(table: Table, item: Item): Promise<void> {
  const word = refusalIn(item);
  if (word !== undefined) await keepRefusal(table, item.pk.slice(addressPrefix.length), word);
}

function refusalIn(item: Item) {
  if (item.kind === "suppression") {
    const { reason, at } = suppressionSchema.parse(item);
    return { suppression: { reason, at } };
  }
  return item.kind === "consent" ? { withdrawn: withdrawalsIn(consentSchema.parse(item)) } : undefined;
}

/** As {@link forEachConcurrently}, and fails when any did. */
async function all<T>(items: readonly T[], work: (item: T) => Promise<void>, width: number): Promise<void> {
  const failures: unknown[] = [];
  await forEachConcurrently(items, width, (item) => work(item).catch((error) => void failures.push(error)));
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} items could not be erased`);
}
