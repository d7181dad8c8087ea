import { describe, expect, it } from "vitest";
import { periodContaining } from "../../../shared/kpis/calendar.ts";
import { periodName } from "../../../shared/kpis/date-words.ts";
import type { Digest, DigestLine } from "../../../shared/kpis/digest.ts";
import { digestHtml, digestText } from "../../../shared/kpis/digest-mail.ts";
import { lineOf } from "../../../shared/kpis/report.ts";
import type { Target } from "../../../shared/kpis/target.ts";
import { kpiNamed } from "./support.ts";

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
  return { ...line, days, yesterday: 5, dayBefore: 3, ...changes };
}

function digestOf(lines: readonly DigestLine[], empty = false, alarms: readonly string[] = []): Digest {
  const asOf = now.toISOString();
  return { date: "2026-11-23", subject: "KPIs", lines, alarms, asOf, timeZone: "America/New_York", empty };
}

describe("a digest", () => {
  const leads = lineNamed("new-leads", { value: 8, status: "at risk", due: 300 });
  const conversion = lineNamed("lead-conversion", { value: 0.25, numerator: 2, denominator: 8, status: "on track" });

  it.each([
    ["HTML", digestHtml],
    ["text", digestText],
  ] as const)("as %s says how each KPI stands, by when, by what, and whose it is", (_, render) => {
    const said = render(digestOf([leads, conversion]), "Example Shop");
    for (const part of ["Monday, November 23, 2026", "1 of 2 KPIs needs attention.", "▲", "at risk", "300 due by now"])
      expect(said).toContain(part);
    expect(said).toContain("November 2026 so far: 2 of 8");
    expect(said).toContain("New leads: 5, after 3 the day before");
    expect(said).toContain("November 23, 2026 at 8:00:00 AM EST");
    expect(said).not.toContain("Lead conversion: 5");
  });

  it.each([
    ["HTML", digestHtml],
    ["text", digestText],
  ] as const)("as %s tells what the open alarms say, before what changed yesterday", (_, render) => {
    const alarm = "New leads fell three months in a row, 40 to 8; source web explains 71 % of it.";
    expect(render(digestOf([leads], false, [alarm]), "Example Shop")).toMatch(/Open alarms.*71 % of it.*What changed/s);
    expect(render(digestOf([leads]), "Example Shop")).not.toContain("Open alarms");
  });

  it("lets no name be markup", () => {
    expect(digestHtml(digestOf([leads]), "<i>Co")).toMatch(/^(?!.*(<i>|<M>)).*$/s);
  });

  it("of a new system says what to do first, and shows neither pictures nor changes", () => {
    const said = digestHtml(digestOf([{ ...leads, value: 0, status: "not enough data" }], true), "Example Shop");
    expect(said).toContain("Nothing has come in yet.");
    expect(said).toContain("Share the address of a form");
    expect(said).not.toMatch(/<img|What changed|at risk</);
  });
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
