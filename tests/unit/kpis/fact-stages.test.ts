import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import type { Event } from "../../../shared/events/event.ts";
import { putEvent } from "../../../shared/events/event-store.ts";
import { putEntry } from "../../../shared/kpis/entry-store.ts";
import { matterEntries } from "../../../shared/kpis/event-facts.ts";
import { dirtyDayStage, eventEntryStage } from "../../../shared/kpis/kpi-stages.ts";
import type { PeriodKind } from "../../../shared/kpis/period.ts";
import { rollUp } from "../../../shared/kpis/roll-up.ts";
import { readSnapshots } from "../../../shared/kpis/snapshot-store.ts";
import { kpiValue } from "../../../shared/kpis/tally.ts";
import type { Table } from "../../../shared/table/client.ts";
import { itemSchema } from "../../../shared/table/item.ts";
import { engine } from "../../support/engine.ts";
import { meterOf } from "../../support/meter.ts";
import { settle } from "../../support/settle.ts";
import { createTestTable } from "../../support/table.ts";
import { itemsOf } from "../../support/table-contents.ts";
import { deal, eur, order, takenBack, ticket } from "./facts.ts";
import { kpiNamed, kpis } from "./support.ts";

let table: Table;
beforeEach(async () => {
  table = await createTestTable(engine.url);
});

const timeZone = "Europe/Berlin";
const now = () => new Date("2026-12-01T09:00:00.000Z");
/** When nobody relies any more on the marks of `now`. */
const later = () => new Date("2026-12-01T10:00:00.000Z");
const roll = (of: Table = table) => rollUp({ table: of, kpis, timeZone, now: later });

/** Tells of events as the stream does. */
async function tell(events: readonly Event[], of: Table = table): Promise<void> {
  for (const event of events) {
    await putEvent(of, event);
    await eventEntryStage({ table: of }).run({ item: itemSchema.parse(event), previous: undefined });
  }
  const mark = dirtyDayStage({ table: of, now });
  for (const entry of await itemsOf(of, "kpiEntry"))
    await mark.run({ item: itemSchema.parse(entry), previous: undefined });
}

async function values(id: string, period: PeriodKind, of: Table = table) {
  const kpi = kpiNamed(id);
  const snapshots = await readSnapshots(of, { kpi: id, period, from: "2020-01-01", to: "2030-01-01" });
  return snapshots.map((snapshot) => [snapshot.start, kpiValue(kpi, snapshot)]);
}

/** What stands in the table, without when and how often it was written. */
async function counted(of: Table) {
  return (await itemsOf(of, "snapshot")).map(({ asOf: _, revision: __, claim: ___, ...item }) => item);
}

describe("facts of events", () => {
  it("show a refund in the month of the refund", async () => {
    await tell([order("2026-10-20T10:00:00Z", 1000), takenBack("Order Refunded", "2026-11-03T10:00:00Z", 400)]);
    await roll();
    expect(await values("net-revenue", "month")).toEqual([
      ["2026-10-01", 1000],
      ["2026-11-01", -400],
    ]);
    expect(await values("net-revenue", "quarter")).toEqual([["2026-10-01", 600]]);
    expect(await values("refund-rate", "month")).toEqual([
      ["2026-10-01", 0],
      ["2026-11-01", null],
    ]);
  });

  it("lie on the local day, also where the clocks change, and on a leap day", async () => {
    await tell([
      // 25 October 2026 has 25 hours in Berlin, 29 March 23.
      order("2026-10-24T21:59:59.999Z", 1),
      order("2026-10-24T22:00:00Z", 2),
      order("2026-10-25T22:59:59.999Z", 4),
      order("2026-10-25T23:00:00Z", 8),
      order("2026-03-28T23:00:00Z", 16),
      order("2026-03-29T21:59:59.999Z", 32),
      order("2026-03-29T22:00:00Z", 64),
      order("2024-02-28T23:00:00Z", 128),
      order("2024-02-29T23:00:00Z", 256),
    ]);
    await roll();
    expect(await values("net-revenue", "day")).toEqual([
      ["2024-02-29", 128],
      ["2024-03-01", 256],
      ["2026-03-29", 48],
      ["2026-03-30", 64],
      ["2026-10-24", 1],
      ["2026-10-25", 6],
      ["2026-10-26", 8],
    ]);
    expect((await values("net-revenue", "month")).slice(0, 2)).toEqual([
      ["2024-02-01", 128],
      ["2024-03-01", 256],
    ]);
  });

  it("tell one buyer of three days once a month, and a median of a month that no day has", async () => {
    await tell([order("2026-10-01T10:00:00Z", 300), order("2026-10-02T10:00:00Z", 300)]);
    await tell([order("2026-10-03T10:00:00Z", 600, { contactId: "c2" })]);
    for (const [at, hours] of [
      ["01", 10],
      ["02", 20],
      ["03", 40],
    ] as const) {
      const opened = new Date(Date.parse(`2026-10-${at}T22:00:00Z`) - hours * 3_600_000).toISOString();
      const id = { ticketId: at };
      await tell([ticket("Ticket Opened", opened, id), ticket("Ticket Resolved", `2026-10-${at}T22:00:00Z`, id)]);
    }
    await roll();
    expect(await values("arpu", "month")).toEqual([["2026-10-01", 600]]);
    const [[, median] = []] = await values("resolution-time", "month");
    expect(Number(median) / 72_000).toBeCloseTo(1, 1);
  });

  it("of a deal that is opened again leave the month that it had been won in", async () => {
    const history = [deal("Deal Created", "2026-09-01", { amount: eur(500) }), deal("Deal Won", "2026-09-20")];
    await tell(history);
    await roll();
    expect(await values("win-rate", "month")).toEqual([["2026-09-01", 1]]);
    await tell([deal("Deal Stage Changed", "2026-10-05"), deal("Deal Lost", "2026-11-02")]);
    await roll();
    expect(await values("win-rate", "month")).toEqual([
      ["2026-09-01", null],
      ["2026-11-01", 0],
    ]);
  });

  it("of two currencies are never added", async () => {
    await tell([order("2026-10-01T10:00:00Z", 300), order("2026-10-02T10:00:00Z", 9_999, { currency: "USD" })]);
    await roll();
    const [snapshot] = await readSnapshots(table, {
      kpi: "net-revenue",
      period: "month",
      from: "2026-10-01",
      to: "2026-10-01",
    });
    expect(snapshot).toMatchObject({ numerator: 300, leftOut: 1, version: 1 });
  });

  it("are not brought back by who knew less of the timeline", async () => {
    const won = deal("Deal Won", "2026-09-20");
    const stale = matterEntries(won, [won]);
    await tell([deal("Deal Created", "2026-09-01"), won, deal("Deal Stage Changed", "2026-10-05")]);
    const before = await itemsOf(table, "kpiEntry");
    for (const entry of stale) await putEntry(table, entry);
    expect(await itemsOf(table, "kpiEntry")).toEqual(before);
  });

  it("end in the same snapshots in any order, with any number of roll-ups, and told twice", async () => {
    const all = [
      order("2026-10-20T10:00:00Z", 1000),
      order("2026-10-31T23:30:00Z", 500, { contactId: "c2" }),
      takenBack("Order Cancelled", "2026-11-03T10:00:00Z", 400),
      takenBack("Order Refunded", "2026-11-04T10:00:00Z", 400),
      deal("Deal Created", "2026-10-02", { amount: eur(900), owner: "mia" }),
      deal("Deal Won", "2026-10-09"),
      deal("Deal Stage Changed", "2026-10-20"),
      deal("Deal Lost", "2026-11-02", { reason: "price" }),
      ticket("Ticket Opened", "2026-10-02T08:00:00Z"),
      ticket("Ticket Resolved", "2026-10-03T08:00:00Z"),
    ];
    await tell(all);
    await roll();
    const nothing = ({ n, facts, leftOut, groups, tally, people }: Record<string, unknown>) => {
      if (people !== undefined) return people === "";
      if (groups !== undefined || tally !== undefined) return !/[1-9]/.test(JSON.stringify(groups ?? tally));
      return n === 0 && facts === 0 && leftOut === 0;
    };
    // A day from which the last fact moved away says zero, where a day that never had one says nothing.
    const standing = async (of: Table) =>
      (await counted(of))
        .filter((item) => item.pk !== "SNAPSHOT#BOARD" && !nothing(item))
        .map((item) => JSON.stringify(item))
        .sort();
    const expected = await standing(table);
    expect(expected.length).toBeGreaterThan(40);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(all, { minLength: all.length }), fc.nat(all.length), async (order, at) => {
        const other = await createTestTable(engine.url);
        await tell(order.slice(0, at), other);
        await roll(other);
        await tell([...order.slice(at), ...order.slice(0, 2)], other);
        await roll(other);
        await roll(other);
        expect(await standing(other)).toEqual(expected);
      }),
      { numRuns: 3 },
    );
  });
});

describe("an order's KPI entry", () => {
  it("costs two write units and no read: the entry, and the mark of its day, which orders of one batch share", async () => {
    const used = meterOf(table);
    await putEvent(table, order("2026-10-20T10:00:00Z", 1000));
    const event = { ...used };
    await settle({ table, stages: [eventEntryStage({ table }), dirtyDayStage({ table, now })] });
    expect({ write: used.write - event.write, read: used.read - event.read }).toEqual({ write: 2, read: 0 });
  });
});
