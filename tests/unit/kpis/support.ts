import type { Kpi } from "../../../shared/kpis/kpi.ts";
import { kpisIn } from "../../../shared/kpis/shipped.ts";

/** The shipped KPIs of a shop in Europe. */
export const kpis = kpisIn("EUR");

/** A shipped KPI by its id. */
export function kpiNamed(id: string): Kpi {
  const kpi = kpis.find((candidate) => candidate.id === id);
  if (kpi === undefined) throw new Error(`no KPI ${id}`);
  return kpi;
}
