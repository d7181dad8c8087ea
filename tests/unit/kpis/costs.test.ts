import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { localDateAt } from "../../../shared/kpis/calendar.ts";
import { type Cost, costEntries, costInputSchema } from "../../../shared/kpis/cost.ts";
import { costHandlers } from "../../../shared/kpis/cost-handlers.ts";
import { costEntryStage, dirtyDayStage } from "../../../shared/kpis/kpi-stages.ts";
import { rollUp } from "../../../shared/kpis/roll-up.ts";
import { readSnapshots } from "../../../shared/kpis/snapshot-store.ts";
import type { Table } from "../../../shared/table/client.ts";
import { engine } from "../../support/engine.ts";
import { settle } from "../../support/settle.ts";
import { createTestTable } from "../../support/table.ts";
import { eur } from "./facts.ts";
import { kpis } from "./support.ts";

const timeZone = "Europe/Berlin";
const at = "2026-12-01T09:00:00.000Z";
const input = { kind: "ads", amount: eur(1000), from: "2026-10-24", to: "2026-10-26" } as const;
const cost: Cost = { ...input, id: "c1", version: 1, updatedAt: at, updatedBy: "mia", requestHash: "x" };

describe("a cost", () => {
  it("is spread evenly over its local days, also where one has 25 hours", () => {
    const entries = costEntries(cost, timeZone);
    expect(entries.map((entry) => [localDateAt(new Date(entry.at), timeZone), entry.properties.amount])).toEqual([
      ["2026-10-24", 334],
      ["2026-10-25", 333],
      ["2026-10-26", 333],
    ]);
  });

  it("is the sum of its days", () => {
    fc.assert(
      fc.property(fc.nat(1e9), fc.integer({ min: 0, max: 365 }), (amount, days) => {
        const to = new Date(Date.parse("2024-02-01") + days * 86_400_000).toISOString().slice(0, 10);
        const entries = costEntries({ ...cost, amount: eur(amount), from: "2024-02-01", to }, timeZone);
        expect(entries).toHaveLength(days + 1);
        expect(entries.reduce((sum, { properties }) => sum + Number(properties.amount), 0)).toBe(amount);
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    ["an end before the beginning", { to: "2026-10-01" }, "must not be before from"],
    ["more than a year", { to: "2027-10-25" }, "at most 366 days at once"],
  ])("is refused with %s", (_, changes, message) => {
    expect(costInputSchema.safeParse({ ...input, ...changes }).error?.issues[0]).toMatchObject({
      message,
      path: ["to"],
    });
  });
});

describe("costs of an account", () => {
  let table: Table;
  beforeEach(async () => {
    table = await createTestTable(engine.url);
  });
  const now = () => new Date(at);
  const handlers = () => costHandlers({ table, now });
  const headers = { "idempotency-key": "0123456789abcdef" };
  const enter = (body: object = input) => handlers().createCost({ body, headers, params: {}, query: {} } as never);
  const spent = async () => {
    await settle({ table, stages: [costEntryStage({ table, timeZone }), dirtyDayStage({ table, now })] });
    await rollUp({ table, kpis, timeZone, now });
    const range = { kpi: "paid-cac", period: "month", from: "2026-10-01", to: "2026-10-01" } as const;
    return (await readSnapshots(table, range)).map(({ numerator, denominator }) => [numerator, denominator]);
  };

  it("are entered once by one key, and another request by it is refused", async () => {
    const first = await enter();
    expect(await enter()).toEqual(first);
    await expect(enter({ ...input, kind: "sales" })).rejects.toMatchObject({ code: "idempotency_key_reused" });
    const { body } = await handlers().listCosts({ query: { limit: 25 } } as never);
    expect(body).toMatchObject({ items: [{ kind: "ads", version: 1, deletedAt: null }], nextCursor: null });
  });

  it("count within their days, and no more once they are taken back", async () => {
    const { body } = await enter();
    expect(await spent()).toEqual([[1000, 0]]);
    const gone = { params: { id: (body as Cost).id }, headers: {} } as never;
    expect((await handlers().deleteCost(gone)).body).toMatchObject({ version: 2, deletedAt: at });
    expect((await handlers().deleteCost(gone)).body).toMatchObject({ version: 2 });
    expect(await spent()).toEqual([[0, 0]]);
  });
});
