import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod/mini";
import { listPk } from "../contacts/contact.ts";
import { contactIdOf } from "../events/event-keys.ts";
import { forEachConcurrently } from "../stream/concurrency.ts";
import type { Table } from "../table/client.ts";
import { type EvaluationDependencies, evaluateContact } from "./evaluation-store.ts";
import type { PageMessage, SegmentMessage } from "./rebuild.ts";
import { getSegment, notePage } from "./segment-store.ts";

/** Contacts of a page; a shorter one is the last. */
export const pageSize = 100;
const concurrency = 16;

/** Works off one message of the segments queue; any number of times. */
export async function handleSegmentMessage(deps: EvaluationDependencies, message: SegmentMessage): Promise<void> {
  if (message.type === "page") return rebuildPage(deps, message);
  await evaluateContact(deps, {
    contactId: message.contactId,
    concerns: ({ dependencies }) => dependencies.time,
    mark: {},
  });
}

/**
 * Evaluates one page of contacts for a segment, then notes how far it has come; the note's own stream record starts
 * the next page. A page of an older definition, or one that was done before, does nothing.
 */
async function rebuildPage(deps: EvaluationDependencies, page: PageMessage): Promise<void> {
  const shard = (await getSegment(deps.table, page.segmentId))?.rebuild;
  const before = shard?.version === page.version ? shard.shards[page.shard] : undefined;
  if (before === undefined || before.done || before.pages !== page.pages) return;
  // A second look, since the first one only makes a process forget what it knows.
  const knows = () => deps.definitions.isCurrent(page.segmentId);
  if (!(await knows()) && !(await knows())) throw new Error(`segment ${page.segmentId} is not in the list yet`);
  const entries = await contactsAfter(deps.table, page);
  let members = 0;
  const failures: unknown[] = [];
  await forEachConcurrently(entries, concurrency, async ({ pk }) => {
    try {
      const isMember = await evaluateContact(deps, {
        contactId: contactIdOf(pk),
        concerns: ({ segment }) => segment.id === page.segmentId,
        mark: { rebuild: true },
      });
      members += isMember;
    } catch (error) {
      failures.push(error);
    }
  });
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} contacts could not be evaluated`);
  const last = entries.at(-1)?.gsi1sk ?? page.after;
  await notePage(deps.table, page, {
    pages: before.pages + 1,
    evaluated: before.evaluated + entries.length,
    members: before.members + members,
    done: entries.length < pageSize,
    ...(last !== undefined && { after: last }),
  });
}

const entrySchema = z.object({ pk: z.string(), gsi1sk: z.string() });

/** A page of contacts from the least active on: who becomes active meanwhile moves ahead, and is met there. */
export async function contactsAfter(table: Table, { shard, after }: Pick<PageMessage, "shard" | "after">) {
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      IndexName: "gsi1",
      KeyConditionExpression: after === undefined ? "gsi1pk = :pk" : "gsi1pk = :pk AND gsi1sk > :after",
      ExpressionAttributeValues: { ":pk": listPk(Number(shard)), ...(after !== undefined && { ":after": after }) },
      Limit: pageSize,
    }),
  );
  return Items.map((item) => entrySchema.parse(item));
}
