import { isDeepStrictEqual } from "node:util";
import { contactOf, type Event, eventSchema } from "../events/event.ts";
import { readEvents } from "../events/event-store.ts";
import { creditSchema } from "../results/credit.ts";
import type { Change, Stage } from "../stream/stage.ts";
import type { Table } from "../table/client.ts";
import { createMarker, type Marking } from "../table/dirty-store.ts";
import type { Item } from "../table/item.ts";
import { attributionEntry } from "./attribution-facts.ts";
import type { Asked } from "./catalogue-store.ts";
import { costEntries } from "./cost.ts";
import { costOfItem } from "./cost-store.ts";
import { entriesOf, type KpiEntry, milestonesSchema, utcDateOf } from "./entry.ts";
import { deleteEntry, putEntry } from "./entry-store.ts";
import { matterEntries, matterNames } from "./event-facts.ts";
import { facts } from "./fact.ts";
import { orderEntry } from "./order-facts.ts";
import { otherEntry } from "./other-events.ts";

/**
 * Keeps a contact's KPI entries as its milestones say: writes the new ones, takes back those whose instant has moved
 * (an earlier submission that arrives late makes the person a lead earlier). The day of what is taken back is marked
 * here; the day of what is written is marked by the entry's own stream record.
 */
export function kpiEntryStage({ table, now }: Marking): Stage {
  const markDay = createMarker({ table, now }, "kpis");
  return {
    name: "kpi-entry",
    kind: "contact",
    remembers: ["contactId", "leadAt", "customerAt"],
    wants: (change) => differences(change).some((list) => list.length > 0),
    async run(change) {
      const [added, removed] = differences(change);
      for (const entry of removed) {
        await deleteEntry(table, entry);
        await markDay(utcDateOf(entry));
      }
      for (const entry of added) await putEntry(table, entry);
    },
  };
}

/**
 * Writes the entry of an order, and those of all that hangs together with a refund, a deal's or a ticket's event: those
 * that stand no more are marked as withdrawn, under a version, so that no late or repeated writer brings them back.
 */
export function eventEntryStage({ table }: { readonly table: Table }): Stage {
  return {
    name: "kpi-event-entry",
    kind: "event",
    wants: ({ item, previous }) =>
      previous === undefined && (item.name === "Order Completed" || matterNames.has(String(item.name))),
    async run({ item }) {
      const event = eventSchema.parse(item);
      for (const entry of await entriesOfEvent(table, event)) await putEntry(table, entry);
    },
  };
}

async function entriesOfEvent(table: Table, event: Event): Promise<readonly KpiEntry[]> {
  if (event.name === "Order Completed") return [orderEntry(event) ?? []].flat();
  const timeline: Event[] = [];
  for await (const other of readEvents(table, contactOf(event))) if (matterNames.has(other.name)) timeline.push(other);
  return matterEntries(event, timeline);
}

/** Writes the entry of an order that is credited to a campaign, under the version of its credit. */
export function attributionEntryStage({ table }: { readonly table: Table }): Stage {
  return {
    name: "kpi-attribution-entry",
    kind: "credit",
    wants: ({ item, previous }) => item.version !== previous?.version,
    async run({ item }) {
      const entry = attributionEntry(creditSchema.parse(item));
      if (entry !== undefined) await putEntry(table, entry);
    },
  };
}

/** Writes the entry of an event that KPIs of the account's own ask for by its name. */
export function otherEventStage(deps: { readonly table: Table; readonly asked: () => Promise<Asked> }): Stage {
  return {
    name: "kpi-other-event-entry",
    kind: "event",
    wants: ({ item, previous }) => previous === undefined && !facts.some((fact) => fact === item.name),
    async run({ item }) {
      const { version, events } = await deps.asked();
      const properties = events.get(String(item.name));
      if (properties === undefined) return;
      await putEntry(deps.table, otherEntry(eventSchema.parse(item), properties, version));
    },
  };
}

/** Entries written side by side. */
const together = 25;

/** Writes a cost's entries, one for each of its days; of a cost that was taken back they are withdrawn. */
export function costEntryStage({ table, timeZone }: { readonly table: Table; readonly timeZone: string }): Stage {
  return {
    name: "kpi-cost-entries",
    kind: "cost",
    wants: ({ item, previous }) => item.version !== previous?.version,
    async run({ item }) {
      const entries = costEntries(costOfItem(item), timeZone);
      for (let at = 0; at < entries.length; at += together) {
        await Promise.all(entries.slice(at, at + together).map((entry) => putEntry(table, entry)));
      }
    },
  };
}

/** Marks the day of an entry that was written, so that the next roll-up counts it; a walk over history marks its days itself. */
export function dirtyDayStage(deps: Marking): Stage {
  const markDay = createMarker(deps, "kpis");
  return {
    name: "dirty-day",
    kind: "kpiEntry",
    wants: ({ item }) => item.walked !== true,
    run: ({ item }) => markDay(utcDateOf(item)),
  };
}

function differences({ item, previous }: Change): readonly [added: readonly KpiEntry[], removed: readonly KpiEntry[]] {
  const now = entriesFrom(item);
  const before = entriesFrom(previous);
  return [
    now.filter(
      (entry) =>
        !before.some((other) => other.sk === entry.sk && isDeepStrictEqual(other.properties, entry.properties)),
    ),
    before.filter((entry) => !now.some((other) => other.sk === entry.sk)),
  ];
}

function entriesFrom(item: Item | undefined): readonly KpiEntry[] {
  return item === undefined ? [] : entriesOf(milestonesSchema.parse(item));
}
