import { BatchGetCommand, DeleteCommand, PutCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { gatherFindings } from "../../../shared/digests/gather-digest.ts";
import { putEntry } from "../../../shared/kpis/entry-store.ts";
import { dirtyDayStage, kpiEntryStage } from "../../../shared/kpis/kpi-stages.ts";
import { orderEntry } from "../../../shared/kpis/order-facts.ts";
import { kpiReport } from "../../../shared/kpis/report.ts";
import { rollUp } from "../../../shared/kpis/roll-up.ts";
import { defaultBasis, kpisIn } from "../../../shared/kpis/shipped.ts";
import { readSnapshots } from "../../../shared/kpis/snapshot-store.ts";
import type { Table } from "../../../shared/table/client.ts";
import { createMarker, markDirty, readDirty } from "../../../shared/table/dirty-store.ts";
import { itemSchema } from "../../../shared/table/item.ts";
import { engine } from "../../support/engine.ts";
import { meterOf } from "../../support/meter.ts";
import { createTestTable } from "../../support/table.ts";
import { itemsOf } from "../../support/table-contents.ts";
import { order } from "./facts.ts";
import { kpis } from "./support.ts";

let table: Table;
beforeEach(async () => {
  table = await createTestTable(engine.url);
});

const now = () => new Date("2026-11-23T09:00:00.000Z");
/** When nobody relies any more on the marks of `now`. */
const later = () => new Date("2026-11-23T10:00:00.000Z");
const options = () => ({ table, kpis, timeZone: "Europe/Berlin", now: later });

/** A new lead, as the stream tells it. */
async function lead(contactId: string): Promise<void> {
  const leadAt = "2026-11-20T10:00:00.000Z";
  const item = itemSchema.parse({ pk: `CONTACT#${contactId}`, sk: "CONTACT", kind: "contact", contactId, leadAt });
  await kpiEntryStage({ table, now }).run({ item, previous: undefined });
  for (const entry of await itemsOf(table, "kpiEntry")) {
    await dirtyDayStage({ table, now }).run({ item: itemSchema.parse(entry), previous: undefined });
  }
}

/** The table as a caller sees it for whom something happens right before one of its calls. */
function interrupted(isCall: (command: object) => boolean, happening: () => Promise<unknown>): Table {
  let waiting = true;
  const client = Object.create(table.client, {
    send: {
      value: async (command: Parameters<Table["client"]["send"]>[0]) => {
        if (waiting && isCall(command)) {
          waiting = false;
          await happening();
        }
        return table.client.send(command);
      },
    },
  });
  return { name: table.name, client };
}

const leadsOf = async (period: "day" | "month", start: string) =>
  (await readSnapshots(table, { kpi: "new-leads", period, from: start, to: start })).map(({ numerator }) => numerator);

describe("two roll-ups at once", () => {
  const writes = (period: string) => (command: object) =>
    command instanceof PutCommand && JSON.stringify(command.input).includes(`"sk":"${period}#2026-11`);

  it.each(["day", "month"])(
    "end with what the later one counted, when the earlier one is slow to write a %s",
    async (period) => {
      await lead("c1");
      const meanwhile = async () => {
        await lead("c2");
        await rollUp(options());
      };
      await rollUp({ ...options(), table: interrupted(writes(period), meanwhile) });
      // No mark may be left to depend on: whoever clears it has counted all that it stands for.
      expect(await readDirty(table, "kpis")).toEqual([]);
      expect([await leadsOf("day", "2026-11-20"), await leadsOf("month", "2026-11-01")]).toEqual([[2], [2]]);
    },
  );
});

it("a roll-up counts in the longer periods what another one had counted of the day before it died", async () => {
  await lead("c1");
  const dies = (command: object) =>
    command instanceof PutCommand && JSON.stringify(command.input).includes(`"sk":"week#`);
  const dying = interrupted(dies, async () => {
    throw new Error("died");
  });
  const meanwhile = async () => {
    await expect(rollUp({ ...options(), table: dying })).rejects.toThrow("died");
    expect([await leadsOf("day", "2026-11-20"), await leadsOf("month", "2026-11-01")]).toEqual([[1], []]);
    const bought = { contactId: "c2", customerAt: "2026-11-20T11:00:00.000Z" };
    const item = itemSchema.parse({ pk: "CONTACT#c2", sk: "CONTACT", kind: "contact", ...bought });
    await kpiEntryStage({ table, now }).run({ item, previous: undefined });
  };
  // The marks are read, the day is not.
  await rollUp({ ...options(), table: interrupted((command) => command instanceof BatchGetCommand, meanwhile) });
  expect(await leadsOf("month", "2026-11-01")).toEqual([1]);
});

describe("wherever a roll-up is interrupted in writing a late order", () => {
  const few = kpisIn("EUR", { ...defaultBasis, activeDays: 20 }).filter(({ id }) =>
    ["net-revenue", "buyers", "churn-rate", "customer-lifetime-value"].includes(id),
  );
  const roll = (of: Table) => rollUp({ table: of, kpis: few, timeZone: "Europe/Berlin", now: later });
  const buy = async (contactId: string, at: string) => {
    const entry = orderEntry(order(at, 1000, { contactId }));
    if (entry === undefined) throw new Error("no order");
    await putEntry(table, entry);
    await createMarker({ table, now }, "kpis")(at.slice(0, 10));
  };
  const isWrite = (command: object) =>
    command instanceof PutCommand || command instanceof UpdateCommand || command instanceof DeleteCommand;
  const standing = async () => {
    const items = await itemsOf(table, "snapshot");
    return items.map(({ revision: _, claim: __, ...item }) => JSON.stringify(item)).sort();
  };
  /** Some orders are counted, and one has come late. */
  const tell = async () => {
    table = await createTestTable(engine.url);
    await buy("anna", "2026-10-20T10:00:00Z");
    await buy("ben", "2026-11-10T10:00:00Z");
    await roll(table);
    await buy("cleo", "2026-10-25T10:00:00Z");
  };
  const another = () => buy("dora", "2026-10-25T11:00:00Z");
  let expected: { readonly one: readonly string[]; readonly both: readonly string[] };
  beforeAll(async () => {
    await tell();
    await roll(table);
    const one = await standing();
    await tell();
    await another();
    await roll(table);
    expected = { one, both: await standing() };
    expect(one.length).toBeGreaterThan(60);
    expect(one).not.toEqual(expected.both);
  });

  it("writes in the other local day of a changed date, and what that is a part of, nothing that is the same", async () => {
    await tell();
    // October 25 of UTC has an hour of the next day in Berlin.
    await buy("emil", "2026-10-26T10:00:00Z");
    await roll(table);
    await another();
    const written: string[] = [];
    const watched = (command: object) => {
      if (command instanceof PutCommand) written.push(String(command.input.Item?.sk));
      return false;
    };
    await roll(interrupted(watched, async () => undefined));
    expect(new Set(written.filter((sk) => sk.startsWith("day#")))).toEqual(new Set(["day#2026-10-25"]));
  });

  it.each([0, 1, 2, 9, 16, 23, 37, 51])(
    "dead from write %i on, the next one ends with the same snapshots",
    async (nth) => {
      await tell();
      let writes = 0;
      const client = Object.create(table.client, {
        send: {
          value: async (command: Parameters<Table["client"]["send"]>[0]) => {
            if (isWrite(command) && writes++ >= nth) throw new Error("died");
            return table.client.send(command);
          },
        },
      });
      await expect(roll({ name: table.name, client })).rejects.toThrow("died");
      await roll(table);
      expect(await standing()).toEqual(expected.one);
    },
  );

  it.each([1, 9, 16, 30, 51])(
    "overtaken at write %i by one that knows another order, both end with what that one counted",
    async (nth) => {
      await tell();
      let writes = 0;
      const meanwhile = async () => {
        await another();
        await roll(table);
      };
      await roll(interrupted((command) => isWrite(command) && writes++ === nth, meanwhile));
      expect(await standing()).toEqual(expected.both);
    },
  );
});

it("roll-ups of months of one year, side by side, all end, with what one after the other counts", async () => {
  const months = ["2026-07", "2026-08", "2026-09", "2026-10"];
  const dates = months.map((month) => `${month}-15`);
  const tell = async () => {
    table = await createTestTable(engine.url);
    for (const date of dates) {
      const entry = orderEntry(order(`${date}T10:00:00Z`, 1000));
      if (entry !== undefined) await putEntry(table, entry);
      await markDirty(table, "kpis", date);
    }
  };
  const counted = async () => {
    const items = await itemsOf(table, "snapshot");
    return items.map(({ revision: _, claim: __, ...item }) => item);
  };
  await tell();
  await rollUp(options());
  const expected = await counted();
  await tell();
  await Promise.all(dates.map((date) => rollUp({ ...options(), within: { from: date, to: date } })));
  expect(await counted()).toEqual(expected);
});

it("counts only the day when nothing of it has changed", async () => {
  await lead("c1");
  await rollUp(options());
  await createMarker({ table, now }, "kpis")("2026-11-20");
  const used = meterOf(table);
  expect(await rollUp(options())).toEqual({ utcDates: 1, days: 2, periods: 0 });
  // The marks, and of each of two days the entries of eight partitions, the rates and the board.
  expect(used.read).toBeLessThanOrEqual(1 + 2 * (8 + 2 + 1));
  await markDirty(table, "kpis", "2026-11-20");
  expect((await rollUp(options())).periods).toBeGreaterThan(0);
});

it("roll-ups of different KPIs at once keep each other's figures on the list", async () => {
  await lead("c1");
  const only = (id: string) => kpis.filter((kpi) => kpi.id === id);
  const writesBoard = (command: object) =>
    command instanceof PutCommand && JSON.stringify(command.input).includes(`"SNAPSHOT#BOARD","sk":"month`);
  const meanwhile = async () => {
    await lead("c2");
    await rollUp({ ...options(), kpis: only("lead-conversion") });
  };
  await rollUp({ ...options(), kpis: only("new-leads"), table: interrupted(writesBoard, meanwhile) });
  const lines = await kpiReport({ table, kpis, timeZone: "Europe/Berlin", now: now(), period: "month" });
  const nOf = (id: string) => lines.find(({ kpi }) => kpi.id === id)?.n;
  expect([nOf("new-leads"), nOf("lead-conversion")]).toEqual([1, 2]);
});

it("a digest reads what its own roll-up wrote a moment before", async () => {
  const consistent: unknown[] = [];
  const watched = interrupted(
    (command) => {
      if (command instanceof QueryCommand && JSON.stringify(command.input).includes("SNAPSHOT#")) {
        consistent.push(command.input.ConsistentRead);
      }
      return false;
    },
    async () => undefined,
  );
  await gatherFindings({ table: watched, kpis, timeZone: "Europe/Berlin", now: now() });
  expect(consistent.length).toBeGreaterThan(0);
  expect(new Set(consistent)).toEqual(new Set([true]));
});
