import { beforeEach, describe, expect, it } from "vitest";
import type { MailMessageInput } from "../../../shared/email/mail-message.ts";
import type { Alarm } from "../../../shared/insight/alarm.ts";
import { alarmMailStage } from "../../../shared/insight/alarm-stages.ts";
import { listClosedAlarms, putAlarm, readOpenAlarms } from "../../../shared/insight/alarm-store.ts";
import { readContributions, watchKpis } from "../../../shared/insight/watch-store.ts";
import { addDays } from "../../../shared/kpis/calendar.ts";
import { replaceSnapshots } from "../../../shared/kpis/count-store.ts";
import { type Groups, sumFigures } from "../../../shared/kpis/groups.ts";
import type { Kpi } from "../../../shared/kpis/kpi.ts";
import type { PeriodKind } from "../../../shared/kpis/period.ts";
import type { Figures } from "../../../shared/kpis/tally.ts";
import { putTarget } from "../../../shared/kpis/target-store.ts";
import type { Table } from "../../../shared/table/client.ts";
import { clearDirty, markDirty, readDirty } from "../../../shared/table/dirty-store.ts";
import { crashing } from "../../support/crashing.ts";
import { engine } from "../../support/engine.ts";
import { meterOf } from "../../support/meter.ts";
import { settle } from "../../support/settle.ts";
import { createTestTable } from "../../support/table.ts";
import { itemsOf } from "../../support/table-contents.ts";
import { kpiNamed, kpis } from "../kpis/support.ts";

let table: Table;
beforeEach(async () => {
  table = await createTestTable(engine.url);
});

const conversion = kpiNamed("lead-conversion");
const leads = kpiNamed("new-leads");
const manager = { name: "Morgan", email: "morgan@example.com" };

const look = (at: string, of: Table = table) =>
  watchKpis({ table: of, kpis, timeZone: "Europe/Berlin", now: () => new Date(at), managers: [manager] });

type ByForm = Readonly<Record<string, readonly [number, number] | number>>;

/** What a roll-up counts of one period, by form. */
async function counted(kpi: Kpi, period: PeriodKind, start: string, byForm: ByForm, of: Table = table): Promise<void> {
  const groups: Groups = Object.fromEntries(
    Object.entries(byForm).map(([form, value]): [string, Figures] => {
      const [numerator, denominator] = typeof value === "number" ? [value, null] : value;
      return [form, { numerator, denominator, n: denominator ?? numerator, facts: numerator, leftOut: 0 }];
    }),
  );
  const tally = { sums: sumFigures(kpi, Object.values(groups)) };
  const now = () => new Date("2026-11-01T00:00:00Z");
  await replaceSnapshots(of, { period, start }, now, async () => [{ kpi, tally, groups: { form: groups } }]);
}

/** Four months of leads that convert worse and worse, since those of one form do. */
async function fall(of: Table = table): Promise<void> {
  const months: [string, number][] = [
    ["2026-06-01", 81],
    ["2026-07-01", 70],
    ["2026-08-01", 60],
    ["2026-09-01", 48],
  ];
  for (const [start, spring] of months) {
    await counted(conversion, "month", start, { spring: [spring, 500], autumn: [40, 500] }, of);
  }
}

/** Runs what the stream runs, and tells the mails that were asked for, each key once. */
async function mails(of: Table = table): Promise<readonly MailMessageInput[]> {
  const sent = new Map<string, MailMessageInput>();
  const sendMail = async (message: MailMessageInput) => {
    sent.set(`${JSON.stringify(message.owner)} ${message.messageKey}`, message);
  };
  await settle({ table: of, stages: [alarmMailStage({ sendMail })] });
  return [...sent.values()];
}

const sentences = async (of: Table = table) => (await readOpenAlarms(of)).map(({ sentence }) => sentence);

describe("a decline of three months", () => {
  const said = "Lead conversion fell three months in a row, 12.1 % → 8.8 %; form “spring” explains all of it.";

  it("opens one alarm, with its cause, that is told once to the managers", async () => {
    await fall();
    expect(await look("2026-11-02T09:00:00Z")).toEqual({ opened: 1, closed: 0 });
    expect(await sentences()).toEqual([said]);
    const [first] = await mails();
    expect(first).toMatchObject({ owner: { staff: manager }, content: { subject: `Alarm: ${said.split(";")[0]}` } });
    expect(first?.content?.text).toContain("two-proportion z, p = 0.01");
    const before = await itemsOf(table, "alarm");
    expect(await look("2026-11-02T10:00:00Z")).toEqual({ opened: 0, closed: 0 });
    expect(await look("2026-11-03T09:00:00Z")).toEqual({ opened: 0, closed: 0 });
    expect(await itemsOf(table, "alarm")).toEqual(before);
  });

  it("is told to the owner of the KPI's target", async () => {
    await fall();
    const owner = { name: "Lea", email: "lea@example.com" };
    const stamp = { version: 1, updatedAt: "2026-01-01T00:00:00.000Z", updatedBy: "test" };
    await putTarget(table, { kpi: conversion.id, target: 0.1, period: "month", owner, ...stamp });
    await look("2026-11-02T09:00:00Z");
    expect((await mails()).map((mail) => mail.owner)).toEqual([{ staff: owner }]);
  });

  it("is looked for from six in the morning on, when the night has told what was missing", async () => {
    await fall();
    expect(await look("2026-11-02T04:59:00Z")).toEqual({ opened: 0, closed: 0 });
    expect(await look("2026-11-02T05:01:00Z")).toEqual({ opened: 1, closed: 0 });
  });

  it("is not looked for while a history is counted anew", async () => {
    await fall();
    await markDirty(table, "kpis", "2026-08-01");
    expect(await look("2026-11-02T09:00:00Z")).toEqual({ opened: 0, closed: 0 });
    for (const mark of await readDirty(table, "kpis")) await clearDirty(table, "kpis", mark, new Date());
    await markDirty(table, "kpis", "2026-11-02");
    expect(await look("2026-11-02T10:00:00Z")).toEqual({ opened: 1, closed: 0 });
  });

  it("stays one alarm while it goes on, and keeps what was said to it", async () => {
    await fall();
    await look("2026-11-02T09:00:00Z");
    const [alarm] = await readOpenAlarms(table);
    if (alarm === undefined) throw new Error("no alarm");
    const acknowledged = { at: "2026-11-03T09:00:00.000Z", by: "lea", note: "The form was broken." };
    await putAlarm(table, { ...alarm, acknowledged, version: alarm.version + 1 });
    await counted(conversion, "month", "2026-10-01", { spring: [30, 500], autumn: [40, 500] });
    expect(await look("2026-12-02T09:00:00Z")).toEqual({ opened: 0, closed: 0 });
    expect(await readOpenAlarms(table)).toMatchObject([
      { id: alarm.id, acknowledged, sentence: expect.stringContaining("fell four months in a row, 12.1 % → 7 %") },
    ]);
    expect(await mails()).toHaveLength(1);
  });

  it("is over when a month improves again, and a later fall is a new alarm", async () => {
    await fall();
    await look("2026-11-02T09:00:00Z");
    await counted(conversion, "month", "2026-10-01", { spring: [90, 500], autumn: [40, 500] });
    expect(await look("2026-12-02T09:00:00Z")).toEqual({ opened: 0, closed: 1 });
    expect(await sentences()).toEqual([]);
    const closed = await listClosedAlarms(table, { limit: 10 });
    expect(closed.items).toMatchObject([{ state: "closed", sentence: said, closedAt: "2026-12-02T09:00:00.000Z" }]);
    for (const [start, spring] of [
      ["2026-11-01", 70],
      ["2026-12-01", 60],
      ["2027-01-01", 40],
    ] as const)
      await counted(conversion, "month", start, { spring: [spring, 500], autumn: [40, 500] });
    expect(await look("2027-03-05T09:00:00Z")).toEqual({ opened: 1, closed: 0 });
    const [again] = await readOpenAlarms(table);
    expect(again?.id).not.toBe(closed.items[0]?.id);
  });

  it("ends in the same alarms and mails, wherever a look dies, and however often it looks again", async () => {
    let crashes = 0;
    for (let nth = 1; ; nth++) {
      let died = false;
      const other = await createTestTable(engine.url);
      await fall(other);
      await look("2026-11-02T09:00:00Z", crashing(other, { nth, after: nth % 2 === 0 })).catch(() => {
        died = true;
      });
      const sent = await mails(other);
      await look("2026-11-02T10:00:00Z", other);
      expect(await sentences(other)).toEqual([said]);
      const keys = [...sent, ...(await mails(other))].map(({ messageKey }) => messageKey);
      expect(new Set(keys).size).toBe(1);
      if (!died) break;
      crashes++;
    }
    expect(crashes).toBeGreaterThan(5);
  }, 60_000);

  it("costs some tens of read units for all KPIs, once a day", async () => {
    await fall();
    const used = meterOf(table);
    await look("2026-11-02T09:00:00Z");
    expect(used.read).toBeLessThan(40);
    const before = used.read;
    await look("2026-11-02T10:00:00Z");
    expect(used.read - before).toBe(0.5);
  });
});

describe("a form that falls silent", () => {
  async function days(from: string, to: string, byForm: ByForm): Promise<void> {
    for (let day = from; day < to; day = addDays(day, 1)) await counted(leads, "day", day, byForm);
  }

  it("is told of, and is over when it comes again", async () => {
    await days("2026-09-20", "2026-10-20", { spring: 3, autumn: 2 });
    await days("2026-10-20", "2026-10-22", { autumn: 2 });
    expect(await look("2026-10-22T09:00:00Z")).toEqual({ opened: 1, closed: 0 });
    expect(await sentences()).toEqual([
      "Nothing has come from form “spring” since Monday, October 19, 2026 (New leads): 2 days, and something every day in the four weeks before.",
    ]);
    const [mail] = await mails();
    await days("2026-10-22", "2026-10-23", { autumn: 2 });
    await look("2026-10-23T09:00:00Z");
    expect((await sentences())[0]).toContain("3 days");
    await days("2026-10-23", "2026-10-24", { spring: 1, autumn: 2 });
    expect(await look("2026-10-24T09:00:00Z")).toEqual({ opened: 0, closed: 1 });
    expect(mail?.content?.subject).toContain("Nothing has come from form “spring”");
  });
});

describe("a step", () => {
  it("opens an alarm for the month that left what was foretold, and is over with the next that does not", async () => {
    const values = [100, 103, 98, 101, 99, 102, 100, 101, 99, 40, 41];
    const start = (index: number) => `2026-${String(index + 1).padStart(2, "0")}-01`;
    for (const [index, value] of values.slice(0, 10).entries()) {
      await counted(leads, "month", start(index), { spring: value - 20, autumn: 20 });
    }
    await look("2026-11-02T09:00:00Z");
    const [alarm] = (await readOpenAlarms(table)).filter(({ type }) => type === "step");
    expect(alarm).toMatchObject({ better: false, start: "2026-10-01", expected: { value: expect.any(Number) } });
    expect(alarm?.sentence).toMatch(
      /^New leads of October 2026: 40, where .* form “spring” explains all of the change/,
    );
    await counted(leads, "month", start(10), { spring: 21, autumn: 20 });
    await look("2026-12-02T09:00:00Z");
    expect((await readOpenAlarms(table)).filter(({ type }) => type === "step")).toEqual([]);
  });
});

it("writes an alarm once of two at a time, and says so to the other", async () => {
  await fall();
  await look("2026-11-02T09:00:00Z");
  const [alarm] = await readOpenAlarms(table);
  const next = { ...alarm, version: 2 } as Alarm;
  await putAlarm(table, next);
  await expect(putAlarm(table, next)).rejects.toMatchObject({ code: "version_conflict" });
});

it("reads what explains a change in two reads of one item each", async () => {
  await fall();
  const used = meterOf(table);
  const place = { period: "month", before: "2026-08-01", after: "2026-09-01" } as const;
  const found = await readContributions(table, { kpi: conversion, by: "form", ...place });
  expect(found?.groups[0]).toMatchObject({ group: "spring", share: 1 });
  expect(found?.change).toBeCloseTo(-0.012, 12);
  expect(used.read).toBe(1);
});
