import { describe, expect, it } from "vitest";
import type { Api } from "../../../web/api.ts";
import { kpiListPage } from "../../../web/kpis/list.ts";
import {
  basisWords,
  changeWords,
  type KpiHistory,
  type KpiLine,
  statusWords,
  valueWords,
} from "../../../web/kpis/words.ts";
import { pageAt } from "../../../web/places.ts";
import { elementsIn, noAct, textOf } from "./tree.ts";

const line: KpiLine = {
  kpi: "new-leads",
  title: "New <b>leads</b>",
  definition: "People whose first qualifying submission came in the period.",
  format: "count",
  direction: "up",
  period: { kind: "month", start: "2026-03-01", end: "2026-04-01", label: "March 2026" },
  value: 12,
  numerator: 12,
  denominator: null,
  n: 12,
  facts: 12,
  leftOut: 0,
  complete: false,
  asOf: "2026-03-09T10:00:00.000Z",
  target: { target: 40, period: "month", owner: { name: "Morgan", email: "morgan@example.com" } },
  status: "at risk",
  due: 20,
  previous: { start: "2026-02-01", value: 30 },
  change: null,
  trend: [
    { start: "2026-01-01", value: null, complete: true },
    { start: "2026-02-01", value: 30, complete: true },
    { start: "2026-03-01", value: 12, complete: false },
  ],
};
const ratio: KpiLine = { ...line, format: "percent", value: 0.1, numerator: 1, denominator: 10, n: 10, complete: true };

const counted: KpiHistory = { state: "counted", contactsLeft: null, contacts: null, daysLeft: 0, days: 400 };

/** A staff API with these KPIs, and which period was asked for. */
function apiWith(items: readonly KpiLine[], history = counted) {
  const asked: unknown[] = [];
  const get = async (path: string, _: unknown, query: unknown) => {
    if (path === "/v1/kpi-history") return history;
    asked.push(path, query);
    return { items, nextCursor: null };
  };
  return { api: { get } as unknown as Api, asked };
}

async function viewOf(items: readonly KpiLine[], history = counted) {
  const page = kpiListPage("month");
  for await (const data of page.load(apiWith(items, history).api, undefined)) return page.view(data, noAct);
  throw new Error("the page read nothing");
}

describe("the page of KPIs", () => {
  it("shows each with its value, status, target and owner, markup as text", async () => {
    const said = textOf(await viewOf([line]));
    expect(said).toContain("New <b>leads</b>|12|so far|▲ At risk|Target 40 in the month, Morgan");
    expect(said).toContain("30 in the last whole period");
  });

  it("draws the trend, rings a period that still runs, and says it in words", async () => {
    const elements = elementsIn(await viewOf([line]));
    expect(elements.find(({ tag }) => tag === "polyline")?.attributes.points?.split(" ")).toHaveLength(2);
    expect(elements.find(({ tag }) => tag === "circle")?.attributes.class).toBe("running");
    expect(elements.find(({ tag }) => tag === "svg")?.attributes["aria-label"]).toBe(
      "From 30 (2026-02-01) to 12 (2026-03-01); at most 30.",
    );
  });

  it("asks for the period of its address, and for the month where there is none", async () => {
    for (const [place, period] of [
      ["/kpis", "month"],
      ["/kpis/week", "week"],
      ["/kpis/fortnight", "month"],
    ]) {
      const { api, asked } = apiWith([]);
      await pageAt(place ?? "")?.((page) => page.load(api, undefined).next());
      expect(asked).toEqual(["/v1/kpis", { period }]);
    }
  });

  it("helps while nothing has been counted", async () => {
    const empty = {
      ...line,
      value: 0,
      numerator: 0,
      n: 0,
      trend: [],
      target: null,
      status: "no target",
    } satisfies KpiLine;
    const said = textOf(await viewOf([empty]));
    expect(said).toContain("Nothing has been counted yet.");
    expect(said).toContain("A manager sets the target");
  });

  it("keeps what has nothing to count from yet apart, and says what it would be counted from", async () => {
    const unknown = { ...ratio, title: "Win rate", value: null, denominator: 0, n: 0, trend: [], target: null };
    const said = textOf(await viewOf([unknown, line]));
    expect(said.indexOf("Win rate")).toBeGreaterThan(said.indexOf("Nothing to count from yet"));
    expect(said.indexOf("Nothing to count from yet")).toBeGreaterThan(said.indexOf("Target 40"));
    expect(said).not.toContain("0 of 0");
    // Who has set a target wants to see that there is nothing yet.
    expect(textOf(await viewOf([{ ...unknown, target: line.target }]))).not.toContain("Nothing to count from yet");
  });

  it.each<[Partial<KpiHistory>, RegExp, number, number]>([
    [{ state: "reading", contacts: 5_000, contactsLeft: 3_766 }, /1,234 of 5,000 are read/, 1234, 5000],
    [{ state: "counting", daysLeft: 100 }, /300 of 400 days are done/, 300, 400],
  ])("says how far the past of KPIs is counted: %j", async (more, words, value, max) => {
    const view = await viewOf([line], { ...counted, ...more });
    expect(textOf(view)).toMatch(words);
    const bar = elementsIn(view).find(({ tag }) => tag === "progress");
    expect(bar?.attributes).toMatchObject({ value: String(value), max: String(max) });
  });

  it("says nothing of the day or two that any hour has to count", async () => {
    const bars = elementsIn(await viewOf([line], { ...counted, state: "counting", daysLeft: 2 }));
    expect(bars.some(({ tag }) => tag === "progress")).toBe(false);
  });

  it.each([
    [line, null, "Not enough data"],
    [line, 1234.56, "1,234.6"],
    [ratio, 0.1234, "12.3 %"],
    [{ format: "money", currency: "USD" }, 4990, "USD 49.90"],
    [{ format: "duration" }, 5_400, "1 h 30 min"],
  ] as const)("writes a value as people read it", (of, value, words) => {
    expect(valueWords(of, value)).toBe(words);
  });

  it("says what a value rests on", () => {
    expect(basisWords(line)).toBe("so far");
    expect(basisWords(ratio)).toBe("1 of 10");
    const refunds = { ...ratio, currency: "EUR", numerator: 0, denominator: 695_725 };
    expect(basisWords(refunds)).toBe("EUR 0.00 of EUR 6,957.25");
    expect(basisWords({ ...ratio, format: "money", leftOut: 3 })).toBe("from 10, 3 left out");
    expect(basisWords({ ...ratio, numerator: 0, denominator: 0, n: 0 })).toBe("");
    expect(basisWords({ ...ratio, complete: false })).toBe("1 of 10, not all of it is known yet");
  });

  it.each([
    [{ change: 5 }, "5 more than in the period before, which is better"],
    [{ change: -5 }, "5 less than in the period before, which is worse"],
    [{ change: -5, direction: "down" }, "5 less than in the period before, which is better"],
    [{ change: 0 }, "As in the period before"],
    [{ change: null, previous: null }, undefined],
  ] as const)("compares whole periods only: %j", (more, words) => {
    expect(changeWords({ ...line, complete: true, ...more })).toBe(words);
  });

  it("gives each status a shape of its own", () => {
    const statuses = ["achieved", "on track", "at risk", "missed", "not enough data", "no target"] as const;
    expect(new Set(statuses.map((status) => statusWords({ status }).charAt(0))).size).toBe(statuses.length);
  });
});
