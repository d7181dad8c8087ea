import * as z from "zod/mini";

/** What KPIs count. Each is written once, as an anonymous entry of its day. */
export const facts = ["lead", "customer", "conversion"] as const;
export type Fact = (typeof facts)[number];

/** A KPI as data: which facts make its numerator and denominator, and which way is better. */
export interface Kpi {
  readonly id: string;
  readonly title: string;
  readonly definition: string;
  readonly format: "count" | "percent";
  readonly direction: "up" | "down";
  readonly numerator: Fact;
  /** Without one the KPI is a count. */
  readonly denominator?: Fact;
  /** For a cohort: how many days each member has to get into the numerator; younger cohorts are incomplete. */
  readonly cohortDays?: number;
}

export const kpis: readonly Kpi[] = [
  {
    id: "new-leads",
    title: "New leads",
    definition: "People whose first qualifying submission came in the period.",
    format: "count",
    direction: "up",
    numerator: "lead",
  },
  {
    id: "new-customers",
    title: "New customers",
    definition: "People whose first paid order came in the period.",
    format: "count",
    direction: "up",
    numerator: "customer",
  },
  {
    id: "lead-conversion",
    title: "Lead conversion",
    definition: "Leads of the period that became customers within 30 days ÷ leads of the period.",
    format: "percent",
    direction: "up",
    numerator: "conversion",
    denominator: "lead",
    cohortDays: 30,
  },
];

export const kpiIds = kpis.map(({ id }) => id);

/** The id of a KPI that exists. */
export const kpiIdSchema = z
  .string()
  .check(z.refine((id) => kpiIds.includes(id), { error: `not a KPI; there are ${kpiIds.join(", ")}` }));

/** A value as people read it: `12`, `8.3 %`, `n/a` when there is not enough data. */
export function formatValue(kpi: Pick<Kpi, "format">, value: number | null): string {
  if (value === null) return "n/a";
  if (kpi.format === "count") return value.toLocaleString("en-US", { maximumFractionDigits: 1 });
  return `${(value * 100).toLocaleString("en-US", { maximumFractionDigits: 1 })} %`;
}
