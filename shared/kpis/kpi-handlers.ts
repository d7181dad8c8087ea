import { DomainError } from "../errors.ts";
import { expectedVersion } from "../http/if-match.ts";
import type { Handlers } from "../http/router.ts";
import type { kpiRoutes } from "../http/routes/kpis.ts";
import type { Table } from "../table/client.ts";
import { type KpiLine, kpiReport } from "./report.ts";
import { kpisIn } from "./shipped.ts";
import type { Target } from "./target.ts";
import { putTarget, readTarget } from "./target-store.ts";

export interface KpiHandlerDependencies {
  readonly table: Table;
  readonly timeZone: string;
  /** The account's: amounts in others are left out. */
  readonly currency: string;
  readonly now: () => Date;
}

/** What the staff API does with KPIs and their targets. */
export function kpiHandlers({ table, timeZone, currency, now }: KpiHandlerDependencies): Handlers<typeof kpiRoutes> {
  const kpis = kpisIn(currency);

  return {
    async listKpis({ query }) {
      const lines = await kpiReport({ table, kpis, timeZone, now: now(), ...query });
      return { status: 200, body: { items: lines.map(viewOf), nextCursor: null } };
    },

    async getKpiTarget({ params }) {
      const target = await readTarget(table, params.kpi);
      if (target === undefined) throw new DomainError("not_found", `${params.kpi} has no target yet. PUT one.`);
      return replyWith(target, 200);
    },

    async putKpiTarget({ params, body, headers, caller }) {
      const expected = expectedVersion(headers["if-match"]);
      const target: Target = {
        ...body,
        kpi: params.kpi,
        version: (expected ?? 0) + 1,
        updatedAt: now().toISOString(),
        updatedBy: caller?.username ?? "unknown",
      };
      await putTarget(table, target, expected);
      return replyWith(target, expected === undefined ? 201 : 200);
    },
  };
}

function replyWith(target: Target, status: number) {
  return { status, body: target, headers: { etag: `"${target.version}"` } };
}

function viewOf({ kpi, target, ...line }: KpiLine) {
  return {
    kpi: kpi.id,
    title: kpi.title,
    definition: kpi.definition,
    format: kpi.format,
    ...(kpi.currency !== undefined && { currency: kpi.currency }),
    direction: kpi.direction,
    ...line,
    target: target === undefined ? null : { target: target.target, period: target.period, owner: target.owner },
  };
}
