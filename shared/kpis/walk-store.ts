import { isDeepStrictEqual } from "node:util";
import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod/mini";
import { listShards } from "../contacts/contact.ts";
import { listShardAfter } from "../contacts/contact-list-store.ts";
import { contactIdOf } from "../events/event-keys.ts";
import { readEvents } from "../events/event-store.ts";
import { forEachConcurrently } from "../stream/concurrency.ts";
import type { Table } from "../table/client.ts";
import { markDirty } from "../table/dirty-store.ts";
import { askedOf, type Catalogue } from "./catalogue.ts";
import { askedBy, catalogueSeconds } from "./catalogue-store.ts";
import { utcDateOf } from "./entry.ts";
import { putEntry } from "./entry-store.ts";
import type { KpiInput } from "./kpi.ts";
import { otherEntry } from "./other-events.ts";

const key = { pk: "KPIS", sk: "WALK" };

/** Of events by their names the properties that entries keep. */
const keptSchema = z.record(z.string(), z.array(z.string()));
type Kept = z.infer<typeof keptSchema>;

const walkSchema = z.object({
  /** What is being looked for on the timelines, for a version of the catalogue. */
  asked: keptSchema,
  version: z.number(),
  /** How far it has come: in which shard of the list of contacts, after which place of it. */
  shard: z.number(),
  after: z.optional(z.string()),
  contacts: z.number(),
  /** What walks before have found all of. */
  found: keptSchema,
});
export type Walk = z.infer<typeof walkSchema>;

const nothing: Walk = { asked: {}, version: 0, shard: 0, contacts: 0, found: {} };

const pageSize = 100;
const concurrency = 8;

/**
 * Writes the entries of events from before a KPI first asked for them, or for a property of them: goes through the
 * timelines of all contacts, so many at a time, from the least active on, and marks the days on which it finds some. After a crash the
 * page is done anew, to the same end.
 *
 * @param most contacts of one call
 * @returns how many contacts it went through
 */
export async function walkTimelines(
  table: Table,
  { catalogue, now, most }: { readonly catalogue: Catalogue; readonly now: Date; readonly most: number },
): Promise<number> {
  const { version, events } = askedBy(catalogue);
  let walk = await readWalk(table);
  const asked = missingOf(events, walk.found);
  // Every process is to keep the events that come meanwhile, before what came earlier is gone through.
  const latest = Math.max(0, ...Object.values(catalogue.definitions).map(({ updatedAt }) => Date.parse(updatedAt)));
  if (Object.keys(asked).length === 0 || now.getTime() - latest < 2 * catalogueSeconds * 1000) return 0;
  if (!isDeepStrictEqual(walk.asked, asked)) walk = { ...nothing, found: walk.found, asked, version };
  let gone = 0;
  while (gone < most && walk.shard < listShards) {
    const page = await listShardAfter(table, { shard: String(walk.shard), after: walk.after }, pageSize);
    await keepEvents(
      table,
      page.map(({ pk }) => contactIdOf(pk)),
      { ...walk, events },
    );
    gone += page.length;
    const { after: _, ...rest } = walk;
    const contacts = walk.contacts + page.length;
    const last = page.at(-1)?.gsi1sk;
    walk =
      page.length < pageSize || last === undefined
        ? { ...rest, contacts, shard: walk.shard + 1 }
        : { ...rest, contacts, after: last };
    if (walk.shard === listShards) walk = { ...walk, asked: {}, found: { ...walk.found, ...walk.asked } };
    await table.client.send(new PutCommand({ TableName: table.name, Item: { ...key, kind: "kpiWalk", ...walk } }));
  }
  return gone;
}

/** The days are marked after the entries are there, whether or not this call wrote them. */
async function keepEvents(
  table: Table,
  contactIds: readonly string[],
  { asked, version, events }: Walk & { readonly events: ReadonlyMap<string, ReadonlySet<string>> },
): Promise<void> {
  const dates = new Set<string>();
  await forEachConcurrently(contactIds, concurrency, async (contactId) => {
    for await (const event of readEvents(table, contactId)) {
      const properties = events.get(event.name);
      if (properties === undefined || !Object.hasOwn(asked, event.name)) continue;
      const entry = otherEntry(event, properties, version);
      await putEntry(table, { ...entry, walked: true });
      dates.add(utcDateOf(entry));
    }
  });
  for (const date of [...dates].sort()) await markDirty(table, "kpis", date);
}

/** The events of which not all that is asked has been found, with all that is asked of them, in order. */
function missingOf(events: ReadonlyMap<string, ReadonlySet<string>>, found: Kept): Kept {
  const missing = [...events].filter(([name, properties]) => {
    const known = Object.hasOwn(found, name) ? found[name] : undefined;
    return known === undefined || [...properties].some((property) => !known.includes(property));
  });
  return Object.fromEntries(missing.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, of]) => [name, [...of].sort()]));
}

async function readWalk(table: Table): Promise<Walk> {
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key: key, ConsistentRead: true }));
  return Item === undefined ? nothing : walkSchema.parse(Item);
}

/** Whether timelines are still to be gone through for what a KPI asks of events. */
export async function isWaitingForEvents(table: Table, kpi: KpiInput): Promise<boolean> {
  const asked = askedOf([kpi]);
  return asked.size > 0 && Object.keys(missingOf(asked, (await readWalk(table)).found)).length > 0;
}
