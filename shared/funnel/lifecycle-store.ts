import { isDeepStrictEqual } from "node:util";
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { contactOf, type Event } from "../events/event.ts";
import type { Table } from "../table/client.ts";
import { putNextVersion } from "../table/versioned.ts";
import { afterEvent, type Lifecycle, lifecycleKey, lifecycleSchema } from "./lifecycle.ts";
import { matchesRule, type StageRules } from "./stage-rules.ts";

export async function readLifecycle(
  table: Table,
  contactId: string,
  { consistent = false }: { readonly consistent?: boolean } = {},
): Promise<Lifecycle | undefined> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: lifecycleKey(contactId), ConsistentRead: consistent }),
  );
  return Item && lifecycleSchema.parse(Item);
}

/** Writers of one contact at one time are few; more conflicts than this go to the retry queue. */
const attempts = 5;

/**
 * Moves a contact on as an event says. An event that meets no rule reads nothing; one that changes no stage is a read of
 * half a unit, which may be stale: what changed nothing before changes nothing later.
 *
 * @throws Error when other writers came first too often; calling it again is right.
 */
export async function moveOn(table: Table, rules: StageRules, event: Event): Promise<void> {
  if (!rules.rules.some((rule) => matchesRule(rule, event))) return;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const held = await readLifecycle(table, contactOf(event), { consistent: attempt > 0 });
    const next = afterEvent(held, rules, event);
    if (next === undefined || isDeepStrictEqual(statesOf(next), held && statesOf(held))) return;
    if (await putNextVersion(table, next)) return;
  }
  throw new Error(`the stages of a contact changed under all of ${attempts} attempts to write them`);
}

function statesOf({ entered, marks, first }: Lifecycle) {
  return { entered, marks, first };
}
