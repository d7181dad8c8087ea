import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { convertBy } from "../../../shared/currency/rate.ts";
import { rateHandlers } from "../../../shared/currency/rate-handlers.ts";
import { dayInputSchema, parseRates } from "../../../shared/currency/rate-input.ts";
import { ratesStage } from "../../../shared/currency/rate-stage.ts";
import { DomainError } from "../../../shared/errors.ts";
import { putEntry } from "../../../shared/kpis/entry-store.ts";
import { kpiHandlers } from "../../../shared/kpis/kpi-handlers.ts";
import { orderEntry } from "../../../shared/kpis/order-facts.ts";
import { rollUp } from "../../../shared/kpis/roll-up.ts";
import type { Table } from "../../../shared/table/client.ts";
import { markDirty, readDirty } from "../../../shared/table/dirty-store.ts";
import { itemSchema } from "../../../shared/table/item.ts";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";
import { itemsOf } from "../../support/table-contents.ts";
import { order } from "../kpis/facts.ts";
import { kpis } from "../kpis/support.ts";

const day = (date: string, rates: Record<string, string>, base = "EUR") => ({ date, base, rates });

describe("an amount in another currency", () => {
  it.each<[string, number, string, string, Record<string, string>, number | undefined]>([
    ["of cents into cents", 1000, "GBP", "EUR", { GBP: "1.1712" }, 1171],
    ["half a cent up", 50, "GBP", "EUR", { GBP: "1.17" }, 59],
    ["half a cent away from zero where something was taken back", -50, "GBP", "EUR", { GBP: "1.17" }, -59],
    ["just below half a cent down", 1000, "GBP", "EUR", { GBP: "1.17149999" }, 1171],
    ["of yen, which have no cents", 12345, "JPY", "EUR", { JPY: "0.00615" }, 7592],
    ["of fils, a thousand to a dinar", 12345, "KWD", "EUR", { KWD: "3.0012" }, 3705],
    ["into yen by the same rate", 7592, "EUR", "JPY", { JPY: "0.00615" }, 12345],
    ["between two others", 1000, "GBP", "USD", { GBP: "1.2", USD: "0.8" }, 1500],
    ["from dinars to yen", 1000, "KWD", "JPY", { KWD: "3", JPY: "0.006" }, 500],
    ["that is more than doubles keep exactly", 1e15, "GBP", "EUR", { GBP: "1.000000000001" }, 1e15 + 1000],
    ["of nothing", 0, "GBP", "EUR", { GBP: "1.17" }, 0],
    ["without a rate", 1000, "SEK", "EUR", { GBP: "1.17" }, undefined],
  ])("%s", (_, amount, from, to, rates, expected) => {
    expect(convertBy([day("2026-11-02", rates)])(amount, from, to)).toBe(expected);
  });

  it("takes the newest day that knows both currencies, whatever base it was entered by", () => {
    const convert = convertBy([
      day("2026-11-02", { GBP: "1.1", SEK: "0.09" }),
      day("2026-11-04", { GBP: "1.2" }),
      day("2026-11-03", { EUR: "10", GBP: "13" }, "SEK"),
    ]);
    expect(convert(1000, "GBP", "EUR")).toBe(1200);
    expect(convert(1000, "SEK", "EUR")).toBe(100);
  });

  it("and back is the same within one minor unit", () => {
    const rate = fc.tuple(fc.integer({ min: 1, max: 999 }), fc.integer({ min: 1, max: 999_999 }));
    fc.assert(
      fc.property(fc.nat(1e9), rate, (amount, [whole, places]) => {
        const convert = convertBy([day("2026-11-02", { GBP: `${whole}.${String(places).padStart(6, "0")}` })]);
        const there = convert(amount, "GBP", "EUR") ?? 0;
        expect(Math.abs((convert(there, "EUR", "GBP") ?? 0) - amount)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe("an import of rates", () => {
  const csv = (text: string) => parseRates(Buffer.from(text), "text/csv; charset=utf-8");
  const faults = (text: string, type = "text/csv") => {
    try {
      parseRates(Buffer.from(text), type);
    } catch (error) {
      if (error instanceof DomainError) return [error.code, ...(error.errors ?? []).map(({ pointer }) => pointer)];
      throw error;
    }
    throw new Error("was not refused");
  };

  it("reads CSV in any order of columns, with semicolons and a byte-order mark too", () => {
    const rates = [{ date: "2026-11-02", currency: "GBP", rate: "1.1712" }];
    expect(csv("date,currency,rate\r\n2026-11-02,GBP,1.1712\r\n")).toEqual(rates);
    expect(csv("\ufeffCurrency;Rate;Date\n GBP ; 1.1712 ;2026-11-02\n\n")).toEqual(rates);
  });

  it.each([
    ["a date that does not exist", "date,currency,rate\n2026-11-02,GBP,1.1\n2026-02-30,GBP,1.1", ["/rows/2/date"]],
    ["an unknown currency", "date,currency,rate\n2026-11-02,XXQ,1.1", ["/rows/1/currency"]],
    ["a comma for the point", "date;currency;rate\n2026-11-02;GBP;1,1", ["/rows/1/rate"]],
    ["a rate of nothing", "date,currency,rate\n2026-11-02,GBP,0.00", ["/rows/1/rate"]],
    ["a rate below nothing", "date,currency,rate\n2026-11-02,GBP,-1", ["/rows/1/rate"]],
    ["the same twice", "date,currency,rate\n2026-11-02,GBP,1\n2026-11-02,GBP,2", ["/rows/2"]],
    ["a column missing", "date,rate\n2026-11-02,1", ["/rows/0"]],
    ["a row too short", "date,currency,rate\n2026-11-02,GBP", ["/rows/1"]],
    ["an open quote", 'date,currency,rate\n2026-11-02,"GBP,1', ["/rows/1"]],
    ["nothing", "date,currency,rate\n", ["/rates"]],
  ])("refuses %s, and says where", (_, text, pointers) => {
    expect(faults(text)).toEqual(["invalid_input", ...pointers]);
  });

  it("refuses what is neither CSV nor JSON", () => {
    expect(faults("a", "text/plain")).toEqual(["unsupported_media_type"]);
    expect(faults("{", "application/json")).toEqual(["malformed_json"]);
  });
});

describe("rates of an account", () => {
  const timeZone = "Europe/Berlin";
  const now = () => new Date("2026-11-20T09:00:00.000Z");
  let table: Table;
  beforeEach(async () => {
    table = await createTestTable(engine.url);
  });
  const deps = () => ({ table, timeZone, currency: "EUR", now });
  const caller = { username: "mia" };
  const send = (rates: readonly object[]) =>
    rateHandlers(deps()).importCurrencyRates({
      rawBody: Buffer.from(JSON.stringify({ rates })),
      headers: { "content-type": "application/json" },
      caller,
    } as never);
  const put = (date: string, rates: object, revision?: number) =>
    rateHandlers(deps()).putCurrencyRates({
      params: { date },
      body: dayInputSchema.parse({ rates }),
      headers: revision === undefined ? {} : { "if-match": `"${revision}"` },
      caller,
    } as never);
  const follow = async () => {
    const stage = ratesStage(deps());
    for (const item of await itemsOf(table, "currencyRates"))
      await stage.run({ item: itemSchema.parse(item), previous: undefined });
  };
  /** When nobody relies any more on the marks of `now`. */
  const later = () => new Date("2026-11-20T10:00:00.000Z");
  const count = () => rollUp({ table, kpis, timeZone, now: later });
  const explain = async (id: string) => {
    const query = { period: "month", date: "2026-11-15" };
    const { body } = await kpiHandlers(deps()).explainKpi({ params: { id }, query, headers: {} } as never);
    return body as { value: number | null; leftOut: number; remarks: string[] };
  };

  it("are merged, the same again changes nothing, and a change needs the version that was read", async () => {
    const gbp = { date: "2026-11-02", currency: "GBP", rate: 1.17 };
    expect(await send([gbp, { ...gbp, currency: "USD", rate: "0.92" }])).toMatchObject({
      body: { days: 1, changed: 1 },
    });
    expect(await send([gbp])).toMatchObject({ body: { rates: 1, days: 1, changed: 0 } });
    await send([{ ...gbp, rate: "1.18" }]);
    const list = await rateHandlers(deps()).listCurrencyRates({ query: {} } as never);
    expect(list.body).toMatchObject({ items: [{ rates: { GBP: "1.18", USD: "0.92" }, version: 2, updatedBy: "mia" }] });
    await expect(put("2026-11-02", { GBP: "1.19" }, 1)).rejects.toMatchObject({ code: "version_conflict" });
    expect((await put("2026-11-02", { GBP: "1.19" }, 2)).body).toMatchObject({ rates: { GBP: "1.19" }, version: 3 });
  });

  it("of days to come and of the account's own currency are refused, and nothing is kept", async () => {
    const known = { date: "2026-11-02", currency: "GBP", rate: 1.17 };
    for (const wrong of [{ date: "2026-11-22" }, { currency: "EUR" }])
      await expect(send([known, { ...known, ...wrong }])).rejects.toMatchObject({
        errors: [{ pointer: "/rates/1" }],
      });
    expect(await itemsOf(table, "currencyRates")).toEqual([]);
  });

  it("count amounts by the rate of their day, or the last within a week; what has none is told, until its rate comes", async () => {
    const orders: [string, number, string][] = [
      ["2026-11-03", 1000, "EUR"],
      ["2026-11-03", 1000, "GBP"],
      ["2026-11-10", 1000, "GBP"],
      ["2026-11-11", 1000, "GBP"],
      ["2026-11-11", 50_000, "JPY"],
    ];
    for (const [index, [date, amount, currency]] of orders.entries()) {
      const entry = orderEntry(order(`${date}T10:00:0${index}Z`, amount, { currency, contactId: `c${index}` }));
      if (entry !== undefined) await putEntry(table, entry);
      await markDirty(table, "kpis", date);
    }
    await send([{ date: "2026-11-03", currency: "GBP", rate: "1.2" }]);
    await follow();
    await count();
    const first = await explain("net-revenue");
    expect(first).toMatchObject({ value: 1000 + 1200 + 1200, leftOut: 2 });
    expect(first.remarks).toContain("2 facts were left out: 1 in GBP without a rate, 1 in JPY without a rate.");
    await send([
      { date: "2026-11-03", currency: "GBP", rate: "1.25" },
      { date: "2026-11-11", currency: "GBP", rate: "1.3" },
      { date: "2026-11-05", currency: "JPY", rate: "0.006" },
    ]);
    await follow();
    await count();
    // 10.00 + 12.50 + 12.50 + 13.00 + 300.00
    expect(await explain("net-revenue")).toMatchObject({ value: 34_800, leftOut: 0 });
    expect(await explain("arpu")).toMatchObject({ value: 34_800 / 5 });
    expect(await readDirty(table, "kpis")).toEqual([]);
  });

  it("mark the days that may fall back on them, and none to come", async () => {
    await put("2026-11-18", { GBP: "1.2" });
    await follow();
    expect((await readDirty(table, "kpis")).map(({ name }) => name)).toEqual([
      "2026-11-17",
      "2026-11-18",
      "2026-11-19",
      "2026-11-20",
    ]);
  });
});
