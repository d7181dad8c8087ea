import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { addDays } from "../../../shared/kpis/calendar.ts";
import { groupReport, kpiLine } from "../../../shared/kpis/report.ts";
import { refreshShapes } from "../../../shared/kpis/shape-store.ts";
import { targetSchema } from "../../../shared/kpis/target.ts";
import { targetHandlers } from "../../../shared/kpis/target-handlers.ts";
import { putTarget, readStandards } from "../../../shared/kpis/target-store.ts";
import type { Table } from "../../../shared/table/client.ts";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";
import { kpiNamed, kpis } from "./support.ts";

let table: Table;
beforeEach(async () => {
  table = await createTestTable(engine.url);
});

const now = () => new Date("2026-11-16T12:00:00.000Z");
const owner = { name: "Mia", email: "mia@example.com" };
const handlers = () => targetHandlers({ table, kpis: async () => kpis, now });
const targetsIn = ({ body }: { readonly body?: unknown }) =>
  z.object({ items: z.array(targetSchema) }).parse(body).items;

interface Asked {
  readonly kpi?: string;
  readonly period?: string;
  readonly query?: object;
  readonly body?: object;
  readonly ifMatch?: string;
  readonly by?: string;
}

function request({ kpi = "new-leads", period = "month", query = {}, body = {}, ifMatch, by = "mia" }: Asked): never {
  const headers = ifMatch === undefined ? {} : { "if-match": ifMatch };
  return { params: { kpi, period }, query, body, headers, caller: { username: by } } as never;
}

describe("a target", () => {
  it("keeps each change: what it was, who changed it, until it is taken back", async () => {
    const { putTarget: put, deleteTarget, getTarget, getTargetHistory } = handlers();
    expect(await put(request({ body: { target: 40, owner } }))).toMatchObject({
      status: 201,
      headers: { etag: '"1"' },
    });
    await put(request({ body: { target: 50, owner, note: "spring" }, ifMatch: '"1"', by: "tom" }));
    await expect(put(request({ body: { target: 60, owner }, ifMatch: '"1"' }))).rejects.toMatchObject({
      code: "version_conflict",
    });
    await deleteTarget(request({ ifMatch: '"2"', by: "ann" }));
    await expect(getTarget(request({}))).rejects.toMatchObject({ code: "not_found" });
    expect((await readStandards(table)).targets).toEqual([]);
    expect(await put(request({ body: { target: 70, owner } }))).toMatchObject({ status: 201, body: { version: 4 } });
    const versions = targetsIn(await getTargetHistory(request({ query: { limit: 25 } })));
    expect(versions.map(({ version, target, updatedBy, ended }) => [version, target, updatedBy, ended])).toEqual([
      [4, 70, "mia", undefined],
      [3, 50, "ann", true],
      [2, 50, "tom", undefined],
      [1, 40, "mia", undefined],
    ]);
  });

  it("pages through its history, and refuses a forged cursor", async () => {
    const { putTarget: put, getTargetHistory } = handlers();
    for (let version = 0; version < 3; version++) {
      await put(request({ body: { target: version, owner }, ...(version > 0 && { ifMatch: `"${version}"` }) }));
    }
    const first = await getTargetHistory(request({ query: { limit: 2 } }));
    const second = await getTargetHistory(
      request({ query: { limit: 2, cursor: (first.body as { nextCursor: string }).nextCursor } }),
    );
    expect([first, second].map((page) => targetsIn(page).map(({ target }) => target))).toEqual([[2, 1], [0]]);
    await expect(getTargetHistory(request({ query: { limit: 2, cursor: "eyJhIjoxfQ" } }))).rejects.toMatchObject({
      code: "invalid_input",
    });
  });

  it("is one for each KPI, kind of period and group", async () => {
    const { putTarget: put, getTarget, listTargets } = handlers();
    const web = { by: "source", group: "web #1" };
    await put(request({ body: { target: 1, owner } }));
    await put(request({ period: "week", body: { target: 2, owner } }));
    await put(request({ query: web, body: { target: 3, owner } }));
    await put(request({ kpi: "win-rate", body: { target: 0.4, owner } }));
    expect((await getTarget(request({ query: web }))).body).toMatchObject({ target: 3, slice: web });
    const list = async (query: object) => targetsIn(await listTargets(request({ query }))).map(({ target }) => target);
    expect((await list({})).toSorted()).toEqual([0.4, 1, 2]);
    expect((await list({ kpi: "new-leads" })).toSorted()).toEqual([1, 2, 3]);
  });

  it.each([
    ["an impossible one", { body: { target: -3, owner } }, "invalid_input"],
    ["one of half a group", { query: { by: "source" }, body: { target: 3, owner } }, "invalid_input"],
    ["one of a KPI that is none", { kpi: "happiness", body: { target: 3, owner } }, "not_found"],
  ])("refuses %s and writes nothing", async (_, asked, code) => {
    await expect(handlers().putTarget(request(asked))).rejects.toMatchObject({ code });
    expect((await readStandards(table)).targets).toEqual([]);
  });

  it("written by two at once is written by one, and so is its history", async () => {
    const target = {
      kpi: "new-leads",
      period: "month",
      target: 1,
      owner,
      version: 1,
      updatedAt: now().toISOString(),
      updatedBy: "x",
    } as const;
    const results = await Promise.allSettled([1, 2, 3, 4].map((goal) => putTarget(table, { ...target, target: goal })));
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const versions = targetsIn(await handlers().getTargetHistory(request({ query: { limit: 25 } })));
    expect(versions).toEqual((await readStandards(table)).targets);
  });
});

async function putSnapshot(kpi: string, period: string, start: string, numerator: number, groups?: object) {
  const item = { kind: "snapshot", kpi, period, start, asOf: now().toISOString(), sk: `${period}#${start}` };
  const figures = { numerator, denominator: null, n: numerator, facts: numerator, leftOut: 0, version: 1 };
  const pk = `SNAPSHOT#${kpi}`;
  await table.client.send(new PutCommand({ TableName: table.name, Item: { pk, ...item, ...figures } }));
  if (groups !== undefined)
    await table.client.send(
      new PutCommand({ TableName: table.name, Item: { ...item, pk: `${pk}#by#source`, slice: "source", groups } }),
    );
}

describe("held against targets", () => {
  it("a breakdown tells each group's target and status, also of a group that nothing was counted of", async () => {
    const figures = { numerator: 9, denominator: null, n: 9, facts: 9, leftOut: 0 };
    await putSnapshot("new-leads", "month", "2026-11-01", 9, {
      web: figures,
      shop: { ...figures, numerator: 2, n: 2 },
    });
    const { putTarget: put } = handlers();
    await put(request({ query: { by: "source", group: "web" }, body: { target: 5, owner } }));
    await put(request({ query: { by: "source", group: "fair" }, body: { target: 5, owner } }));
    const lines = await groupReport({
      table,
      kpi: kpiNamed("new-leads"),
      by: "source",
      period: "month",
      timeZone: "UTC",
      now: now(),
    });
    expect(lines.map(({ group, value, target, status }) => [group, value, target?.target, status])).toEqual([
      ["web", 9, 5, "achieved"],
      ["shop", 2, undefined, "no target"],
      ["fair", 0, 5, "at risk"],
    ]);
  });

  it("a count is due by the shape of its earlier months, found once a day from their days", async () => {
    await handlers().putTarget(request({ body: { target: 100, owner } }));
    await putSnapshot("new-leads", "month", "2026-11-01", 30);
    const list = () => kpiLine(kpiNamed("new-leads"), { table, timeZone: "UTC", now: now(), period: "month" });
    expect(await list()).toMatchObject({ status: "at risk", due: 52 });
    for (const month of ["2026-08", "2026-09", "2026-10"]) {
      await putSnapshot("new-leads", "day", `${month}-05`, 10);
      await putSnapshot("new-leads", "day", addDays(`${month}-01`, 27), 40);
    }
    const refresh = (at: Date) => refreshShapes({ table, kpis, timeZone: "UTC", now: at });
    expect(await refresh(now())).toBe(1);
    expect(await list()).toMatchObject({ status: "on track", due: 20 });
    expect(await refresh(now())).toBe(0);
    expect(await refresh(new Date("2026-11-17T00:00:00Z"))).toBe(1);
  });
});
