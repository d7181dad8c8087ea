import { DomainError } from "../errors.ts";
import type { Handlers } from "../http/router.ts";
import type { insightRoutes } from "../http/routes/insight.ts";
import { localDateAt, periodBefore, periodContaining } from "../kpis/calendar.ts";
import type { Kpi } from "../kpis/kpi.ts";
import type { Period } from "../kpis/period.ts";
import { isComplete } from "../kpis/snapshot.ts";
import type { Table } from "../table/client.ts";
import type { Alarm } from "./alarm.ts";
import { listClosedAlarms, putAlarm, readOpenAlarms } from "./alarm-store.ts";
import { readContributions } from "./watch-store.ts";

export interface InsightHandlerDependencies {
  readonly table: Table;
  readonly timeZone: string;
  readonly kpis: () => Promise<readonly Kpi[]>;
  readonly now: () => Date;
}

/** What the staff API does with alarms, and with what explains a change. */
export function insightHandlers({
  table,
  timeZone,
  kpis,
  now,
}: InsightHandlerDependencies): Handlers<typeof insightRoutes> {
  return {
    async listAlarms({ query: { state, limit, cursor } }) {
      if (state === "closed") {
        const page = await listClosedAlarms(table, { limit, cursor });
        return { status: 200, body: { items: page.items.map(viewOf), nextCursor: page.nextCursor } };
      }
      const items = await readOpenAlarms(table);
      return { status: 200, body: { items: items.map(viewOf), nextCursor: null } };
    },

    async acknowledgeAlarm({ params, body, caller }) {
      const alarm = (await readOpenAlarms(table, { consistent: true })).find(({ id }) => id === params.id);
      if (alarm === undefined) throw new DomainError("not_found", `There is no open alarm ${params.id}.`);
      const at = now().toISOString();
      const acknowledged = { at, by: caller?.username ?? "unknown", note: body.note };
      const next: Alarm = { ...alarm, acknowledged, updatedAt: at, version: alarm.version + 1 };
      await putAlarm(table, next);
      return { status: 200, body: viewOf(next) };
    },

    async getKpiContributions({ params, query }) {
      const kpi = (await kpis()).find(({ id }) => id === params.id);
      if (kpi === undefined) throw new DomainError("not_found", `There is no KPI ${params.id}.`);
      const slices = kpi.slices ?? [];
      if (!slices.includes(query.by))
        throw refusal("/query/by", slices.length === 0 ? "this KPI has no slices" : `use one of ${slices.join(", ")}`);
      const to = latestComplete(kpi, query.period);
      if (query.date !== undefined && periodContaining(query.period, query.date).start > to.start)
        throw refusal(
          "/query/date",
          `the ${query.period} is not complete yet; the latest that is starts on ${to.start}`,
        );
      const after = query.date === undefined ? to : periodContaining(query.period, query.date);
      const before = periodBefore(after);
      const place = { kpi, by: query.by, period: query.period, before: before.start, after: after.start };
      const found = await readContributions(table, place);
      const spanOf = ({ start, end }: Period) => ({ start, end });
      const body = { kpi: kpi.id, by: query.by, before: spanOf(before), after: spanOf(after) };
      const none = { change: null, groups: [], rest: null };
      return {
        status: 200,
        body: { ...body, ...(found === undefined ? none : { ...found, groups: [...found.groups] }) },
      };
    },
  };

  /** Whole periods alone are compared. */
  function latestComplete(kpi: Kpi, kind: Period["kind"]): Period {
    let period = periodBefore(periodContaining(kind, localDateAt(now(), timeZone)));
    while (!isComplete(kpi, period, now(), timeZone)) period = periodBefore(period);
    return period;
  }
}

function viewOf({ recipients, ...alarm }: Alarm) {
  const contributions = alarm.contributions.map((list) => ({ ...list, groups: [...list.groups] }));
  return { ...alarm, points: [...alarm.points], contributions, recipients: recipients.map(({ name }) => name) };
}

function refusal(pointer: string, message: string): DomainError {
  const errors = [{ pointer, message, code: "invalid" }];
  return new DomainError("invalid_input", `The query is not valid: ${message}.`, { errors });
}
