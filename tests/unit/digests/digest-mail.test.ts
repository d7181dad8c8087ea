import { describe, expect, it } from "vitest";
import { causeSentence } from "../../../shared/digests/cause.ts";
import { type DigestLine, digestOf, type Findings } from "../../../shared/digests/digest.ts";
import { digestHtml } from "../../../shared/digests/digest-html.ts";
import { digestText } from "../../../shared/digests/digest-text.ts";
import { scheduleWords } from "../../../shared/digests/digest-words.ts";
import { digestMail, digestPage } from "../../../shared/digests/prepare-digest.ts";
import { type Schedule, weekdays } from "../../../shared/digests/subscription.ts";
import { maximumHtmlBytes } from "../../../shared/email/render.ts";
import { contributionsOf } from "../../../shared/insight/contributions.ts";
import { periodContaining } from "../../../shared/kpis/calendar.ts";
import { periodName } from "../../../shared/kpis/date-words.ts";
import { lineOf } from "../../../shared/kpis/report.ts";
import type { Target } from "../../../shared/kpis/target.ts";
import { kpiNamed } from "../kpis/support.ts";

const now = new Date("2026-11-23T13:00:00Z");
const month = periodContaining("month", "2026-11-23");
const target: Target = {
  kpi: "new-leads",
  target: 400,
  period: "month",
  owner: { name: "Mia <M>", email: "mia@example.com" },
  version: 1,
  updatedAt: now.toISOString(),
  updatedBy: "mia",
};

function lineNamed(kpi: string, changes: Partial<DigestLine> = {}): DigestLine {
  const line = lineOf(kpiNamed(kpi), month, [], { now, timeZone: "UTC", targets: [{ ...target, kpi }] });
  const days = [
    { date: "2026-11-21", value: 3 },
    { date: "2026-11-22", value: 5 },
  ];
  return { ...line, days, yesterday: 5, dayBefore: 3, outlook: null, ...changes };
}

function findingsOf(lines: readonly DigestLine[], changes: Partial<Findings> = {}): Findings {
  const asOf = now.toISOString();
  return { date: "2026-11-23", lines, alarms: [], asOf, fresh: true, timeZone: "America/New_York", ...changes };
}

const showing = {
  accountName: "Example Shop",
  schedule: "every day at 08:00 (America/New_York)",
  stopUrl: "https://shop.example/d/v1.token",
  pictureUrl: (kpi: string) => `cid:${kpi}`,
};
const renderings = [
  ["HTML", digestHtml],
  ["text", digestText],
] as const;
const leads = lineNamed("new-leads", {
  value: 8,
  status: "at risk",
  due: 300,
  cause: "8 in the last 28 days, 40 in the 28 days before; source “web” explains 71 % of the change.",
  outlook: {
    current: { start: month.start, end: month.end, value: 11.6, low: 8.2, high: 15.4 },
    next: [
      { start: "2026-12-01", end: "2027-01-01", value: 14.2, low: 9.1, high: 19.9 },
      { start: "2027-01-01", end: "2027-02-01", value: 15, low: 8, high: 22 },
      { start: "2027-02-01", end: "2027-03-01", value: 16, low: 7, high: 25 },
    ],
    error: 3.3,
  },
});
const conversion = lineNamed("lead-conversion", { value: 0.25, numerator: 2, denominator: 8, status: "on track" });

describe("a digest", () => {
  it.each(renderings)("as %s says how each KPI stands, by when, by what, and whose it is", (_, render) => {
    const said = render(digestOf(findingsOf([conversion, leads])), showing);
    for (const part of ["Monday, November 23, 2026", "1 of 2 KPIs needs attention.", "▲", "at risk", "300 due by now"])
      expect(said).toContain(part);
    for (const part of ["November 2026 so far", "2 of 8"]) expect(said).toContain(part);
    expect(said).toContain("New leads: 5, after 3 the day before");
    expect(said).toContain("November 23, 2026 at 8:00:00 AM EST");
    expect(said).not.toContain("Lead conversion: 5");
  });

  it.each(renderings)("as %s tells of an exception, its owner and its cause before all else", (_, render) => {
    const alarm = { kpi: "new-leads", sentence: "New leads fell three months in a row, 40 → 8." };
    const other = { kpi: "lead-conversion", sentence: "Lead conversion of October 2026: 4 %." };
    const said = render(digestOf(findingsOf([conversion, leads], { alarms: [alarm, other] })), showing);
    const order = ["needs attention", "owner Mia", "explains 71 %", "fell three months", "All KPIs", "on track"];
    order.push(
      "Open alarms",
      "of October 2026: 4 %",
      "What changed",
      "Trends of",
      "Where it is heading",
      "How this is",
    );
    const places = order.map((part) => said.indexOf(part));
    expect(places).toEqual(places.toSorted((one, other) => one - other));
    expect(places[0]).toBeGreaterThan(0);
    expect(said.split("fell three months")).toHaveLength(2);
  });

  it.each(renderings)(
    "as %s foretells the period's end and three more, and says how, why it comes and how to stop it",
    (_, render) => {
      const said = render(digestOf(findingsOf([leads])), showing);
      for (const part of [
        "12",
        "8 to 15",
        "nd of November 2026",
        "December 2026 14 (9 to 20)",
        "January 2027 15 (8 to 22)",
        "February 2027 16 (7 to 25)",
        "off by 3 in the mean",
        "four of five",
        "says where a change came from, not why",
      ])
        expect(said).toContain(part);
      expect(said).toContain("Example Shop sends you this digest every day at 08:00 (America/New_York).");
      expect(said).toContain(showing.stopUrl);
    },
  );

  it.each(renderings)("as %s foretells of a ratio the periods after the running one alone", (_, render) => {
    const next = [{ start: "2026-12-01", end: "2027-01-01", value: 0.2512, low: 0.2, high: 0.301 }];
    const line = { ...conversion, outlook: { current: null, next, error: 0.05 } };
    const said = render(digestOf(findingsOf([line])), showing);
    for (const part of ["December 2026 25.1 % (20 % to 30.1 %)", "off by 5 points in the mean"])
      expect(said).toContain(part);
    expect(said).not.toMatch(/the end of|undefined|null/);
  });

  it.each(renderings)("as %s writes the two numbers of a share of amounts as amounts", (_, render) => {
    const line = lineNamed("refund-rate", { value: 0, numerator: 0, denominator: 695_725, status: "on track" });
    expect(render(digestOf(findingsOf([line])), showing)).toContain("EUR 0.00 of EUR 6,957.25");
  });

  it("as HTML says a period that all share once, and others with each KPI", () => {
    const week = lineOf(kpiNamed("orders"), periodContaining("week", "2026-11-23"), [], { now, timeZone: "UTC" });
    const orders = { ...lineNamed("orders"), ...week };
    expect(digestHtml(digestOf(findingsOf([leads, orders])), showing)).toMatch(/>Now<.*week of November 23 so far/s);
    expect(digestHtml(digestOf(findingsOf([leads])), showing)).not.toContain(">Now<");
  });

  it("stays whole in mailboxes that cut after 102 KB, however many KPIs are in need", () => {
    const lines = Array.from({ length: 60 }, (_, index) => ({
      ...leads,
      cause: "c".repeat(200),
      kpi: { ...leads.kpi, id: `kpi-${index}`, title: "t".repeat(60), definition: "d".repeat(300) },
    }));
    const alarms = lines.map(({ kpi }) => ({ kpi: kpi.id, sentence: "s".repeat(300) }));
    const digest = digestOf(findingsOf(lines, { alarms }));
    const said = digestHtml(digest, showing);
    expect(Buffer.byteLength(said)).toBeLessThan(maximumHtmlBytes);
    for (const part of ["50 more stand in the table.", "and 40 more"]) {
      expect(said).toContain(part);
      expect(digestText(digest, showing)).toContain(part);
    }
  });

  it("lets no name be markup", () => {
    const digest = digestOf(findingsOf([leads]));
    expect(digestHtml(digest, { ...showing, accountName: "<i>Co" })).toMatch(/^(?!.*(<i>|<M>)).*$/s);
  });

  it("of a new system says what to do first, and shows neither pictures nor changes", () => {
    const silent = { ...leads, value: 0, days: [], trend: [] };
    const digest = digestOf(findingsOf([silent]));
    expect(digest.subject).toBe("KPIs of 2026-11-23: nothing has come in yet");
    const said = digestHtml(digest, showing);
    expect(said).toContain("Nothing has come in yet.");
    expect(said).toContain("Share the address of a form");
    expect(said).not.toMatch(/<img|What changed|at risk</);
  });

  it("tells of what was chosen, in the order of need, and its subject names the worst of it", () => {
    const revenue = lineNamed("net-revenue", { status: "missed", value: 1200 });
    const all = findingsOf([conversion, leads, revenue]);
    expect(digestOf(all).subject).toBe(
      "KPIs of 2026-11-23: Net revenue missed, EUR 12.00 against EUR 4.00, and 1 more",
    );
    const chosen = digestOf(all, ["lead-conversion", "new-leads"]);
    expect(chosen.lines.map(({ kpi }) => kpi.id)).toEqual(["new-leads", "lead-conversion"]);
    expect(chosen.subject).toBe("KPIs of 2026-11-23: New leads at risk, 8 of 400");
    expect(digestText(digestOf(all, ["gone"]), showing)).toContain("not defined any more");
  });

  it("of one group names it", () => {
    const digest = digestOf(findingsOf([leads], { slice: { by: "source", group: "web" } }));
    expect(digest.subject).toBe("KPIs of 2026-11-23, source web: New leads at risk, 8 of 400");
    expect(digestHtml(digest, showing)).toContain("Example Shop: KPIs of source web");
  });

  it("is a mail with its pictures beside it and one click to stop, or a page that holds them and no link", async () => {
    const schedule: Schedule = { weekdays: ["monday"], hour: 7 };
    const making = { accountName: "Shop", timeZone: "UTC", draw: async () => new Uint8Array([1, 2, 3]) };
    const digest = digestOf(findingsOf([leads]));
    const mail = await digestMail(digest, schedule, { ...making, stopUrl: showing.stopUrl });
    expect(mail.images).toEqual([{ cid: "trend-new-leads@rapport", contentType: "image/png", base64: "AQID" }]);
    expect(mail.html).toMatch(
      /<img src="cid:trend-new-leads@rapport" width="560" height="136" alt="New leads per day[^"]+latest 5\."/,
    );
    expect(mail.stopUrl).toBe(showing.stopUrl);
    const page = await digestPage(digest, schedule, making);
    expect(page).toContain('<img src="data:image/png;base64,AQID"');
    expect(page).not.toMatch(/cid:|href=|https?:/);
  });
});

describe("the cause of an exception", () => {
  const kpi = kpiNamed("new-leads");
  const figures = (numerator: number) => ({ numerator, denominator: null, n: numerator, facts: numerator, leftOut: 0 });
  const names = { beforeName: "the 28 days before", afterName: "the last 28 days" };
  const bySource = contributionsOf(
    "source",
    { web: figures(30), shop: figures(10) },
    { web: figures(5), shop: figures(9) },
  );
  const contributions = bySource === undefined ? [] : [bySource];

  const six = (each: number) => Object.fromEntries([..."abcdef"].map((name) => [name, figures(each)]));
  const spread = [contributionsOf("source", six(10), six(9))].flatMap((list) => list ?? []);

  it.each([
    [
      "names the group that explains most",
      40,
      14,
      contributions,
      "14 in the last 28 days, 40 in the 28 days before; source “web” explains 96 % of the change.",
    ],
    ["names none where none is known", 40, 14, [], "14 in the last 28 days, 40 in the 28 days before."],
    [
      "says that none stands out",
      60,
      54,
      spread,
      "54 in the last 28 days, 60 in the 28 days before; no source explains a fifth of the change.",
    ],
    [
      "says that it got better",
      14,
      40,
      contributions,
      "40 in the last 28 days, 14 in the 28 days before: better, yet not enough for the target.",
    ],
    ["says that it stayed", 5, 5, [], "5 in the last 28 days, as in the 28 days before: not enough for the target."],
    ["says that there was nothing", 0, 0, [], "Nothing in the last 28 days, nor in the 28 days before."],
    ["is not known without a value before", null, 14, contributions, undefined],
  ])("%s", (_, before, after, list, sentence) => {
    expect(causeSentence(kpi, { before, after, ...names, contributions: list })).toBe(sentence);
  });

  it("of what is to be low says what its target allows, and of a ratio of 0 that it is one", () => {
    const of = (id: string, before: number, after: number) =>
      causeSentence(kpiNamed(id), { before, after, ...names, contributions: [] });
    expect(of("first-response-time", 120, 60)).toMatch(/: better, yet more than the target allows.$/);
    expect(of("lead-conversion", 0, 0)).toMatch(/^0 % in the last 28 days, as in/);
  });
});

it.each([
  ["every day at 08:00 (UTC)", { weekdays: [...weekdays], hour: 8 }],
  ["each Monday and Friday at 17:00 (UTC)", { weekdays: ["friday", "monday"], hour: 17 }],
  ["on day 1 of each month at 00:00 (Asia/Tokyo)", { dayOfMonth: 1, hour: 0, timeZone: "Asia/Tokyo" }],
] as const)("a schedule reads %s", (words, schedule) => {
  expect(scheduleWords(schedule as Schedule, "UTC")).toBe(words);
});

it.each([
  ["day", "November 23"],
  ["week", "week of November 23"],
  ["month", "November 2026"],
  ["quarter", "Q4 2026"],
  ["year", "2026"],
] as const)("a %s is called %s", (kind, name) => {
  expect(periodName(periodContaining(kind, "2026-11-23"))).toBe(name);
});
