import type { Convert } from "../currency/rate.ts";
import type { KpiEntry } from "./entry.ts";
import { addsUp, type Kpi } from "./kpi.ts";
import { type Figures, sumTallies, tallyOf } from "./tally.ts";

/** How many groups of a slice are kept of one period; the smallest beyond are one. */
export const mostGroups = 50;
/** Stands for the groups beyond, and for facts without the property. */
export const otherGroup = "(other)";
export const noGroup = "(none)";

export type Groups = Readonly<Record<string, Figures>>;

/** A KPI's figures by what its facts carry under a name; facts without it are a group, too. */
export function groupsOf(kpi: Kpi, slice: string, entries: readonly KpiEntry[], convert?: Convert): Groups {
  const byGroup = Map.groupBy(entries, ({ properties: { [slice]: value } }) =>
    value === undefined || value === "" ? noGroup : String(value),
  );
  return bounded(
    kpi,
    [...byGroup].map(([group, of]) => [group, tallyOf(kpi, of, convert).sums] as const),
  );
}

/** Adds the groups of days. What one day had among its others stays there. */
export function sumGroups(kpi: Kpi, days: readonly Groups[]): Groups {
  const byGroup = Map.groupBy(days.flatMap(Object.entries<Figures>), ([group]) => group);
  return bounded(
    kpi,
    [...byGroup].map(
      ([group, of]) =>
        [
          group,
          sumFigures(
            kpi,
            of.map(([, figures]) => figures),
          ),
        ] as const,
    ),
  );
}

/** Largest first; which are kept depends on the figures alone, so that it is the same in any order of facts. */
function bounded(kpi: Kpi, groups: readonly (readonly [string, Figures])[]): Groups {
  const counted = groups.filter(([, { n, facts }]) => n > 0 || facts > 0);
  const ranked = counted
    .filter(([group]) => group !== otherGroup)
    .sort(([a, one], [b, other]) => other.n - one.n || other.facts - one.facts || (a < b ? -1 : 1));
  const rest = [...ranked.slice(mostGroups), ...counted.filter(([group]) => group === otherGroup)];
  const others =
    rest.length === 0
      ? []
      : [
          [
            otherGroup,
            sumFigures(
              kpi,
              rest.map(([, figures]) => figures),
            ),
          ] as const,
        ];
  return Object.fromEntries([...ranked.slice(0, mostGroups), ...others]);
}

/** Adds figures of a KPI whose figures add up. */
export function sumFigures(kpi: Kpi, of: readonly Figures[]): Figures {
  if (!addsUp(kpi)) throw new Error(`the figures of ${kpi.id} do not add up`);
  return sumTallies(
    kpi,
    of.map((sums) => ({ sums })),
  ).sums;
}
