import { DomainError } from "../errors.ts";
import { acceptsCsv } from "../http/csv.ts";
import type { Handlers } from "../http/router.ts";
import type { kpiRoutes } from "../http/routes/kpis.ts";
import type { Table } from "../table/client.ts";
import { addDays, localDateAt, periodBefore, periodContaining } from "./calendar.ts";
import { readKpis } from "./catalogue-store.ts";
import { periodName } from "./date-words.ts";
import { formulaOf, remarksOn } from "./explain.ts";
import type { Kpi } from "./kpi.ts";
import { explanationCsv, groupsCsv, linesCsv, seriesCsv } from "./kpi-csv.ts";
import { forecastKpi } from "./kpi-forecast.ts";
import { isRolling, mostPoints } from "./period.ts";
import { groupReport, type KpiLine, kpiLine, kpiReport, type ReportOptions } from "./report.ts";
import { readSeries, type SeriesPoint } from "./series.ts";

export interface KpiHandlerDependencies {
  readonly table: Table;
  readonly timeZone: string;
  /** The account's: amounts in others are left out. */
  readonly currency: string;
  readonly now: () => Date;
}

/** What the staff API does with KPIs. */
export function kpiHandlers({ table, timeZone, currency, now }: KpiHandlerDependencies): Handlers<typeof kpiRoutes> {
  const requireKpi = async (id: string) => {
    const kpi = (await readKpis(table, currency)).find((candidate) => candidate.id === id);
    if (kpi === undefined) throw new DomainError("not_found", `There is no KPI ${id}.`);
    return kpi;
  };

  return {
    async listKpis({ query, headers }) {
      const kpis = await readKpis(table, currency);
      const lines = await kpiReport({ table, kpis, timeZone, now: now(), ...query });
      if (acceptsCsv(headers)) return { status: 200, csv: linesCsv(lines) };
      return { status: 200, body: { items: lines.map(viewOf), nextCursor: null } };
    },

    async getKpiForecast({ params, query }) {
      const kpi = await requireKpi(params.id);
      return { status: 200, body: await forecastKpi({ table, kpi, period: query.period, timeZone, now: now() }) };
    },

    async getKpiSeries({ params, query, headers }) {
      if (isRolling(query.period) && query.points > mostPoints.rolling)
        throw refusal("/query/points", `of rolling windows at most ${mostPoints.rolling}`);
      const kpi = await requireKpi(params.id);
      const items = await readSeries({ table, kpi, timeZone, now: now(), ...query });
      if (acceptsCsv(headers)) return { status: 200, csv: seriesCsv(kpi, items) };
      return { status: 200, body: { items: [...items], nextCursor: null } };
    },

    async getKpiBreakdown({ params, query, headers }) {
      const kpi = await requireKpi(params.id);
      const slices = kpi.slices ?? [];
      if (!slices.includes(query.by))
        throw refusal("/query/by", slices.length === 0 ? "this KPI has no slices" : `use one of ${slices.join(", ")}`);
      const lines = await groupReport({ table, kpi, timeZone, now: now(), ...query });
      if (acceptsCsv(headers)) return { status: 200, csv: groupsCsv(kpi, query.by, lines) };
      const items = lines.map(({ target, ...line }) => ({ ...line, target: target ?? null }));
      return { status: 200, body: { items, nextCursor: null } };
    },

    async explainKpi({ params, query, headers }) {
      const kpi = await requireKpi(params.id);
      const report = { table, timeZone, now: now(), ...query };
      const [line, parts] = await Promise.all([kpiLine(kpi, report), readParts(report, kpi)]);
      const said = { formula: formulaOf(kpi), remarks: [...remarksOn(kpi, line)], slices: kpi.slices ?? [] };
      if (acceptsCsv(headers)) return { status: 200, csv: explanationCsv(line, { ...said, parts }) };
      return { status: 200, body: { ...viewOf(line), ...said, version: kpi.version, parts: [...parts] } };
    },
  };
}

const partKinds = { day: "day", week: "day", month: "day", quarter: "month", year: "month" } as const;

/** What a period is made of: its days, or its months. */
async function readParts(
  { date, period, ...options }: Omit<ReportOptions, "kpis">,
  kpi: Kpi,
): Promise<readonly SeriesPoint[]> {
  const { start, end } = periodContaining(period, date ?? localDateAt(options.now, options.timeZone));
  const kind = partKinds[period];
  const last = periodContaining(kind, addDays(end, -1));
  let points = 1;
  while (periodBefore(last, points - 1).start > start) points++;
  return readSeries({ ...options, kpi, period: kind, date: last.start, points });
}

function refusal(pointer: string, message: string): DomainError {
  const errors = [{ pointer, message, code: "invalid" }];
  return new DomainError("invalid_input", `The query is not valid: ${message}.`, { errors });
}

function viewOf({ kpi, target, period, ...line }: KpiLine) {
  return {
    kpi: kpi.id,
    title: kpi.title,
    definition: kpi.definition,
    format: kpi.format,
    ...(kpi.currency !== undefined && { currency: kpi.currency }),
    direction: kpi.direction,
    ...line,
    period: { ...period, label: periodName(period) },
    target: target ?? null,
  };
}
