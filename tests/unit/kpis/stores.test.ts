import { DeleteCommand, PutCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { entriesOf, type KpiEntry, kpiEntrySchema, type Milestones } from "../../../shared/kpis/entry.ts";
import { readEntries } from "../../../shared/kpis/entry-store.ts";
import { dirtyDayStage, kpiEntryStage } from "../../../shared/kpis/kpi-stages.ts";
import { kpiReport } from "../../../shared/kpis/report.ts";
import { rollUp } from "../../../shared/kpis/roll-up.ts";
import { readSnapshots } from "../../../shared/kpis/snapshot-store.ts";
import { putTarget, readStandards } from "../../../shared/kpis/target-store.ts";
import type { Change } from "../../../shared/stream/stage.ts";
import type { Table } from "../../../shared/table/client.ts";
import { createMarker, markDirty, readDirty } from "../../../shared/table/dirty-store.ts";
import { itemSchema } from "../../../shared/table/item.ts";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";
import { kpis } from "./support.ts";

let table: Table;
beforeEach(async () => {
  table = await createTestTable(engine.url);
});

const timeZone = "Europe/Berlin";
const now = () => new Date("2026-11-23T09:00:00.000Z");
/** When nobody relies any more on the marks of `now`. */
const later = () => new Date("2026-11-23T10:00:00.000Z");
const options = () => ({ table, kpis, timeZone, now: later });

function contact(milestones: Milestones) {
  return itemSchema.parse({ pk: `CONTACT#${milestones.contactId}`, sk: "CONTACT", kind: "contact", ...milestones });
}

/** Runs the contact's stage, then the stage of every entry that is there, as the stream would. */
async function stream(change: Change): Promise<void> {
  const stage = kpiEntryStage({ table, now });
  if (stage.wants(change)) await stage.run(change);
  for (const entry of await allEntries()) {
    await dirtyDayStage({ table, now }).run({ item: itemSchema.parse(entry), previous: undefined });
  }
}

async function allEntries(): Promise<readonly KpiEntry[]> {
  const { Items = [] } = await table.client.send(
    new ScanCommand({
      TableName: table.name,
      ConsistentRead: true,
      FilterExpression: "kind = :kind",
      ExpressionAttributeValues: { ":kind": "kpiEntry" },
    }),
  );
  return Items.map((item) => kpiEntrySchema.parse(item));
}

async function dump(): Promise<unknown[]> {
  const { Items = [] } = await table.client.send(new ScanCommand({ TableName: table.name, ConsistentRead: true }));
  return Items.map(({ asOf: _, mark: __, revision: ___, claim: ____, ...item }) => item).sort((one, other) =>
    `${one.pk}${one.sk}`.localeCompare(`${other.pk}${other.sk}`),
  );
}

describe("the KPI stages", () => {
  it("write a contact's entries and mark their days", async () => {
    await stream({
      item: contact({ contactId: "c1", leadAt: "2026-11-20T23:30:00.000Z", customerAt: "2026-11-22T10:00:00.000Z" }),
      previous: undefined,
    });
    expect((await allEntries()).map(({ fact }) => fact).sort()).toEqual(["conversion", "customer", "lead"]);
    expect((await readDirty(table, "kpis")).map(({ name }) => name)).toEqual(["2026-11-20", "2026-11-22"]);
  });

  it("move the entry of a lead that turns out to be older, and mark both days", async () => {
    const before = contact({ contactId: "c1", leadAt: "2026-11-20T10:00:00.000Z" });
    await stream({ item: before, previous: undefined });
    await stream({ item: contact({ contactId: "c1", leadAt: "2026-11-18T10:00:00.000Z" }), previous: before });
    expect((await allEntries()).map(({ at }) => at)).toEqual(["2026-11-18T10:00:00.000Z"]);
    expect((await readDirty(table, "kpis")).map(({ name }) => name)).toEqual(["2026-11-18", "2026-11-20"]);
  });

  it("leave the same table when a change is told twice, or without its previous image", async () => {
    const change = { item: contact({ contactId: "c1", leadAt: "2026-11-20T10:00:00.000Z" }), previous: undefined };
    await stream(change);
    const once = await dump();
    await stream(change);
    expect(await dump()).toEqual(once);
  });

  it("want nothing of a change that moves no milestone", () => {
    const item = contact({ contactId: "c1", leadAt: "2026-11-20T10:00:00.000Z" });
    expect(kpiEntryStage({ table, now }).wants({ item, previous: item })).toBe(false);
    expect(kpiEntryStage({ table, now }).wants({ item: contact({ contactId: "c1" }), previous: undefined })).toBe(
      false,
    );
  });

  describe("mark a day by one write for a quarter of an hour", () => {
    let minute: number;
    const clock = () => new Date(Date.UTC(2026, 10, 20, 10, minute));
    const marksOf = async (name: string) =>
      (await readDirty(table, "kpis")).filter((mark) => mark.name === name).map(({ mark }) => mark);
    beforeEach(() => {
      minute = 0;
    });

    it("and again for those who ask later", async () => {
      const mark = createMarker({ table, now: clock }, "kpis");
      await Promise.all([mark("2026-11-20"), mark("2026-11-20"), mark("2026-11-21")]);
      const first = await marksOf("2026-11-20");
      minute = 14;
      await mark("2026-11-20");
      expect(await marksOf("2026-11-20")).toEqual(first);
      minute = 15;
      await mark("2026-11-20");
      expect(await marksOf("2026-11-20")).not.toEqual(first);
    });

    it("which no roll-up clears while a call may rely on it, also when another way of marking comes between", async () => {
      const mark = createMarker({ table, now: clock }, "kpis");
      await mark("2026-11-20");
      await markDirty(table, "kpis", "2026-11-20");
      const lastCall = 14;
      for (const [at, left] of [
        [lastCall, 1],
        [16, 1],
        [17, 0],
      ] as const) {
        minute = at;
        await rollUp({ table, kpis, timeZone, now: clock });
        expect(await marksOf("2026-11-20"), `${at} minutes later`).toHaveLength(left);
      }
    });

    it("and tries again after a write that failed", async () => {
      let fails = true;
      const client = Object.assign(Object.create(table.client), {
        send: async (command: never) => {
          if (fails) throw new Error("throttled");
          return table.client.send(command);
        },
      });
      const mark = createMarker({ table: { name: table.name, client }, now: clock }, "kpis");
      await expect(mark("2026-11-20")).rejects.toThrow("throttled");
      fails = false;
      await mark("2026-11-20");
      expect(await marksOf("2026-11-20")).toHaveLength(1);
    });
  });
});

describe("reading entries", () => {
  it("takes the first instant of a span in and leaves its end out", async () => {
    for (const leadAt of [
      "2026-11-22T22:59:59.999Z",
      "2026-11-22T23:00:00.000Z",
      "2026-11-23T22:59:59.999Z",
      "2026-11-23T23:00:00.000Z",
    ]) {
      for (const entry of entriesOf({ contactId: leadAt, leadAt })) {
        await table.client.send(new PutCommand({ TableName: table.name, Item: entry }));
      }
    }
    const entries = await readEntries(table, {
      from: new Date("2026-11-22T23:00:00.000Z"),
      to: new Date("2026-11-23T23:00:00.000Z"),
    });
    expect(entries.map(({ at }) => at).sort()).toEqual(["2026-11-22T23:00:00.000Z", "2026-11-23T22:59:59.999Z"]);
  });
});

describe("the roll-up", () => {
  const valuesOf = async (kpi: string, period: "day" | "month") =>
    (await readSnapshots(table, { kpi, period, from: "2026-01-01", to: "2026-12-31" })).map(({ start, numerator }) => [
      start,
      numerator,
    ]);

  it("counts by local days, and clears the marks", async () => {
    await stream({ item: contact({ contactId: "c1", leadAt: "2026-11-20T23:30:00.000Z" }), previous: undefined });
    await stream({ item: contact({ contactId: "c2", leadAt: "2026-11-20T10:00:00.000Z" }), previous: undefined });
    await rollUp(options());
    expect(await valuesOf("new-leads", "day")).toEqual([
      ["2026-11-20", 1],
      ["2026-11-21", 1],
    ]);
    expect(await valuesOf("new-leads", "month")).toEqual([["2026-11-01", 2]]);
    expect(await readDirty(table, "kpis")).toEqual([]);
  });

  it("writes nothing where a day's figures stay the same, not even for the longer periods that it asks for", async () => {
    await stream({ item: contact({ contactId: "c1", leadAt: "2026-11-20T10:00:00.000Z" }), previous: undefined });
    await rollUp(options());
    await markDirty(table, "kpis", "2026-11-20");
    const written: string[] = [];
    const send = table.client.send.bind(table.client);
    const watched = Object.assign(Object.create(table.client), {
      async send(command: never) {
        if ((command as object) instanceof PutCommand) written.push((command as PutCommand).input.Item?.pk);
        return send(command);
      },
    });
    await rollUp({ ...options(), table: { name: table.name, client: watched } });
    expect(written).toEqual([]);
  });

  it("keeps a mark that was set while it was counting", async () => {
    await stream({ item: contact({ contactId: "c1", leadAt: "2026-11-20T10:00:00.000Z" }), previous: undefined });
    const send = table.client.send.bind(table.client);
    let marked = false;
    const watched: Table = {
      name: table.name,
      client: Object.assign(Object.create(table.client), {
        async send(command: never) {
          if (!marked && (command as object) instanceof DeleteCommand) {
            marked = true;
            await markDirty(table, "kpis", "2026-11-20");
          }
          return send(command);
        },
      }),
    };
    await rollUp({ ...options(), table: watched });
    expect((await readDirty(table, "kpis")).map(({ name }) => name)).toEqual(["2026-11-20"]);
  });

  it("gives the same snapshots whatever the order, however often, and after a crash at any write", async () => {
    const instants = [
      "2026-10-24T22:30:00.000Z",
      "2026-10-25T23:30:00.000Z",
      "2026-11-01T09:00:00.000Z",
      "2026-11-20T23:30:00.000Z",
    ];
    const people: Milestones[] = instants.map((leadAt, index) => ({
      contactId: `c${index}`,
      leadAt,
      ...(index % 2 === 0 && { customerAt: new Date(Date.parse(leadAt) + index * 20 * 86_400_000).toISOString() }),
    }));
    for (const person of people) await stream({ item: contact(person), previous: undefined });
    await rollUp(options());
    const expected = await dump();

    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(people, { minLength: people.length }),
        fc.integer({ min: 1, max: 60 }),
        async (order, crashAt) => {
          table = await createTestTable(engine.url);
          for (const person of order) {
            await stream({ item: contact(person), previous: undefined });
            await rollUp({ ...options(), table: crashing(table, crashAt) }).catch(() => undefined);
          }
          await rollUp(options());
          expect(await dump()).toEqual(expected);
        },
      ),
      { numRuns: 6 },
    );
  });
});

/** A table whose n-th write fails, as a process that dies there. */
function crashing(real: Table, at: number): Table {
  let writes = 0;
  const send = real.client.send.bind(real.client);
  const client = Object.assign(Object.create(real.client), {
    async send(command: never) {
      const isWrite = (command as object) instanceof PutCommand || (command as object) instanceof DeleteCommand;
      if (isWrite && ++writes >= at) throw new Error("crash");
      return send(command);
    },
  });
  return { name: real.name, client };
}

describe("targets", () => {
  const target = {
    kpi: "new-leads",
    target: 40,
    period: "month",
    owner: { name: "Mia", email: "mia@example.com" },
    version: 1,
    updatedAt: now().toISOString(),
    updatedBy: "mia",
  } as const;

  it("are made once, changed by version, and read in one go", async () => {
    await putTarget(table, target);
    await expect(putTarget(table, target)).rejects.toMatchObject({ code: "version_conflict" });
    await putTarget(table, { ...target, target: 50, version: 2 });
    await expect(putTarget(table, { ...target, version: 2 })).rejects.toMatchObject({ code: "version_conflict" });
    expect((await readStandards(table)).targets).toMatchObject([{ kpi: "new-leads", target: 50, version: 2 }]);
  });

  it("stand beside the values in the report", async () => {
    await putTarget(table, target);
    await stream({ item: contact({ contactId: "c1", leadAt: "2026-11-20T10:00:00.000Z" }), previous: undefined });
    await rollUp(options());
    const lines = await kpiReport({ table, kpis, timeZone, now: now(), period: "month" });
    expect(lines.map(({ kpi }) => kpi)).toEqual(kpis);
    expect(lines.slice(0, 3).map(({ kpi, value, status }) => [kpi.id, value, status])).toEqual([
      ["new-leads", 1, "at risk"],
      ["new-customers", 0, "no target"],
      ["lead-conversion", 0, "no target"],
    ]);
  });
});
