import { type Kpi, kpis } from "../../../shared/kpis/kpi.ts";

/** A shipped KPI by its id. */
export function kpiNamed(id: string): Kpi {
  const kpi = kpis.find((candidate) => candidate.id === id);
  if (kpi === undefined) throw new Error(`no KPI ${id}`);
  return kpi;
}
