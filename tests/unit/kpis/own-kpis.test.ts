import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { beforeEach, describe, expect, it } from "vitest";
import { createEvent } from "../../../shared/events/event.ts";
import { mostDefinitions, mostEventProperties } from "../../../shared/kpis/catalogue.ts";
import { keepAsked, readKpis } from "../../../shared/kpis/catalogue-store.ts";
import { definitionHandlers } from "../../../shared/kpis/definition-handlers.ts";
import { putEntry } from "../../../shared/kpis/entry-store.ts";
import { recountHistory } from "../../../shared/kpis/history-store.ts";
import { type KpiInput, kpiInputSchema } from "../../../shared/kpis/kpi.ts";
import { kpiHandlers } from "../../../shared/kpis/kpi-handlers.ts";
import { otherEventStage } from "../../../shared/kpis/kpi-stages.ts";
import { orderEntry } from "../../../shared/kpis/order-facts.ts";
import { rollUp } from "../../../shared/kpis/roll-up.ts";
import type { Table } from "../../../shared/table/client.ts";
import { markDirty } from "../../../shared/table/dirty-store.ts";
import { itemSchema } from "../../../shared/table/item.ts";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";
import { itemsOf } from "../../support/table-contents.ts";
import { order } from "./facts.ts";

let table: Table;
beforeEach(async () => {
  table = await createTestTable(engine.url);
});

const now = () => new Date("2026-11-20T09:00:00.000Z");
const dependencies = () => ({ table, currency: "EUR", timeZone: "Europe/Berlin", now });
const attendance: KpiInput = {
  title: "Attendance",
  definition: "People at webinars ÷ people invited.",
  format: "percent",
  direction: "up",
  numerator: { facts: ["event:Webinar Attended"], aggregate: "count", where: [{ property: "minutes", atLeast: 10 }] },
  denominator: { facts: ["event:Webinar Invited", "event:Webinar Attended"], aggregate: "count" },
  slices: ["topic"],
};

const put = (id: string, body: unknown, revision?: number) =>
  definitionHandlers(dependencies()).putKpi({
    params: { id },
    body: kpiInputSchema.parse(body),
    headers: revision === undefined ? {} : { "if-match": `"${revision}"` },
    caller: { username: "mia" },
  } as never);
const remove = (id: string) => definitionHandlers(dependencies()).deleteKpi({ params: { id }, headers: {} } as never);
const get = (id: string) => definitionHandlers(dependencies()).getKpi({ params: { id } } as never);

describe("a KPI of one's own", () => {
  it("is counted of any event by its name, and keeps of it what KPIs ask for and nothing else", async () => {
    expect(await put("attendance", attendance)).toMatchObject({ status: 201, body: { version: 1, shipped: false } });
    const stage = otherEventStage({ table, asked: keepAsked({ table, now }) });
    const tell = async (name: string, contactId: string, properties: object) => {
      const at = "2026-11-18T10:00:00.000Z";
      const facts = { contactId, origin: [contactId, name], name, occurredAt: at, receivedAt: at, source: "app" };
      const item = itemSchema.parse(createEvent({ ...facts, properties: { ...properties } }));
      if (stage.wants({ item, previous: undefined })) await stage.run({ item, previous: undefined });
    };
    await tell("Webinar Invited", "c1", { topic: "dogs" });
    await tell("Webinar Attended", "c2", { topic: "cats", minutes: 30, email: "c2@example.com", list: ["a"] });
    await tell("Webinar Attended", "c3", { topic: "cats", minutes: 3 });
    await tell("Webinar Missed", "c4", { topic: "cats" });
    const entries = await itemsOf(table, "kpiEntry");
    expect(entries.map(({ properties }) => properties)).toHaveLength(3);
    expect(entries).toContainEqual(expect.objectContaining({ properties: { topic: "cats", minutes: 30 } }));
    await markDirty(table, "kpis", "2026-11-18");
    await rollUp({ ...dependencies(), kpis: await readKpis(table, "EUR") });
    const list = await kpiHandlers(dependencies()).listKpis({ query: { period: "month" }, headers: {} } as never);
    expect(list.body).toMatchObject({
      items: expect.arrayContaining([expect.objectContaining({ kpi: "attendance", numerator: 1, denominator: 3 })]),
    });
    const query = { period: "month", by: "topic" };
    const groups = await kpiHandlers(dependencies()).getKpiBreakdown({
      params: { id: "attendance" },
      query,
      headers: {},
    } as never);
    expect(groups.body).toMatchObject({
      items: [
        { group: "cats", n: 2 },
        { group: "dogs", n: 1 },
      ],
    });
  });

  it("counts the days before it, newest first, so many at a time, and says how many are left", async () => {
    const day = (at: number) => new Date(now().getTime() - at * 86_400_000).toISOString().slice(0, 10);
    for (const at of [0, 1, 5, 40]) {
      const entry = orderEntry(order(`${day(at)}T08:00:00Z`, 100, { contactId: `buyer ${at}` }));
      if (entry !== undefined) await putEntry(table, entry);
      await markDirty(table, "kpis", day(at));
    }
    const counting = () => ({ ...dependencies(), kpis: () => readKpis(table, "EUR", { consistent: true }) });
    const start = async () => recountHistory(table, await readKpis(table, "EUR"), now());
    const historyNow = async () => ((await get("buyers")).body as unknown as { history: object }).history;
    expect(await start()).toBe(0);
    await rollUp(counting());
    const buyers = { ...attendance, format: "count", numerator: { facts: ["Order Completed"], aggregate: "distinct" } };
    await put("buyers", { ...buyers, denominator: undefined, slices: [] });
    expect(await historyNow()).toMatchObject({ state: "waiting", daysLeft: null, days: null });
    // A roll-up that dies while it marks marks all again.
    const dying = { name: table.name, client: Object.create(table.client) };
    let writes = 0;
    dying.client.send = (command: never) => {
      if ((command as object) instanceof UpdateCommand && ++writes > 7) throw new Error("died");
      return table.client.send(command);
    };
    await expect(recountHistory(dying, await readKpis(table, "EUR"), now())).rejects.toThrow("died");
    expect(await start()).toBe(42);
    expect(await start()).toBe(0);
    expect(await historyNow()).toMatchObject({ state: "counting", daysLeft: 42, days: 42 });
    await rollUp({ ...counting(), most: 10 });
    expect(await historyNow()).toMatchObject({ state: "counting", daysLeft: 32 });
    const quarterNow = async () => {
      const query = { period: "quarter" };
      const { body } = await kpiHandlers(dependencies()).explainKpi({
        params: { id: "buyers" },
        query,
        headers: {},
      } as never);
      return (body as { value: number }).value;
    };
    expect(await quarterNow()).toBe(3);
    for (let round = 0; round < 4; round++) await rollUp({ ...counting(), most: 10 });
    expect(await historyNow()).toMatchObject({ state: "counted", daysLeft: 0 });
    expect(await quarterNow()).toBe(4);
  });

  it("gets another version when what is counted changes, and not for another title", async () => {
    await put("attendance", attendance);
    const titled = await put("attendance", { ...attendance, title: "Turnout" }, 1);
    expect(titled).toMatchObject({ status: 200, body: { title: "Turnout", version: 1, revision: 2 } });
    const sliced = await put("attendance", { ...attendance, slices: [] }, 2);
    expect(sliced.body).toMatchObject({ version: 3, revision: 3 });
    await expect(put("attendance", attendance, 2)).rejects.toMatchObject({ code: "version_conflict" });
    await expect(put("attendance", attendance)).rejects.toMatchObject({ code: "already_exists" });
    await expect(put("other", attendance, 7)).rejects.toMatchObject({ code: "not_found" });
  });

  it("is gone when it is deleted, and is counted anew when it comes back", async () => {
    await put("attendance", attendance);
    await remove("attendance");
    await expect(get("attendance")).rejects.toMatchObject({ code: "not_found" });
    expect((await put("attendance", attendance)).body).toMatchObject({ version: 3 });
  });

  it("stands beside shipped ones whose basis staff set: other days count anew, another margin does not", async () => {
    const set = (body: object, revision?: number) =>
      definitionHandlers(dependencies()).putKpiBasis({
        body,
        headers: revision === undefined ? {} : { "if-match": `"${revision}"` },
        caller: { username: "mia" },
      } as never);
    const versionOf = async (id: string) => ((await get(id)).body as { version: number }).version;
    const untouched = { activeDays: "auto", activeDaysNow: 90, rhythm: null, revision: null };
    expect((await definitionHandlers(dependencies()).getKpiBasis({} as never)).body).toMatchObject(untouched);
    const { body } = await set({ activeDays: 90, grossMargin: 0.4 });
    expect(body).toMatchObject({ grossMargin: 0.4, revision: 1, updatedBy: "mia" });
    expect(await versionOf("churn-rate")).toBe(1);
    await expect(set({ activeDays: 60, grossMargin: 0.4 })).rejects.toMatchObject({ code: "version_conflict" });
    await set({ activeDays: 60, grossMargin: 0.4 }, 1);
    const version = await versionOf("churn-rate");
    expect(version).toBeGreaterThan(1);
    expect((await get("customer-lifetime-value")).body).toMatchObject({ factor: 0.4, denominator: { withinDays: 60 } });
    await set({ activeDays: 60, grossMargin: 0.5 }, 2);
    expect(await versionOf("churn-rate")).toBe(version);
    await put("attendance", attendance);
    expect((await get("churn-rate")).body).toMatchObject({ version, numerator: { withinDays: 60 } });
  });

  it("does not take a shipped one's place, and their number is bounded, whoever else defines one at the time", async () => {
    await expect(put("orders", attendance)).rejects.toMatchObject({ code: "invalid_input" });
    const results = [];
    for (let at = 0; at < mostDefinitions - 2; at++) await put(`mine-${at}`, attendance);
    results.push(...(await Promise.allSettled([1, 2, 3].map((at) => put(`last-${at}`, attendance)))));
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(2);
  });

  it("may not ask for more of an event than an entry keeps, all KPIs together", async () => {
    const asking = (...names: string[]) => ({ ...attendance, slices: names });
    for (let at = 0; at * 4 + 4 < mostEventProperties; at++)
      await put(`mine-${at}`, asking(`a${at}`, `b${at}`, `c${at}`, `d${at}`));
    await expect(put("one-more", asking("e", "f", "g", "h"))).rejects.toThrow(/13 properties of Webinar Attended/);
  });
});

describe("what is wrong with a definition is said in words", () => {
  it.each<[string, Partial<Record<keyof KpiInput, unknown>>, RegExp]>([
    ["a fact that is none", { numerator: { facts: ["Deal Wonn"], aggregate: "count" } }, /no such fact.*event:/],
    [
      "an event that is a fact",
      { numerator: { facts: ["event:Deal Won"], aggregate: "count" } },
      /use the fact Deal Won/,
    ],
    ["a fact twice", { numerator: { facts: ["lead", "lead"], aggregate: "count" } }, /named twice/],
    ["who somebody is", { slices: ["email"] }, /does not say who somebody is/],
    ["a path", { slices: ["cart.value"] }, /top-level property/],
    [
      "slices of a median",
      {
        numerator: { facts: ["event:x"], aggregate: "median", of: "minutes" },
        denominator: undefined,
      },
      /counts, sums and means only/,
    ],
    ["money of no currency", { format: "money" }, /name the currency/],
    ["a KPI of a KPI", { numerator: { kpi: "orders" } }, /facts|kpi/i],
    ["an unknown currency", { format: "money", currency: "EURO" }, /ISO 4217/],
  ])("%s", (_, change, words) => {
    const result = kpiInputSchema.safeParse({ ...attendance, ...change });
    expect(result.error?.issues.map(({ message, path }) => `${path}: ${message}`).join("; ")).toMatch(words);
  });
});
