import { addDays, periodBefore, periodContaining } from "./calendar.ts";
import { activityOf, type Kpi } from "./kpi.ts";
import { addedUpFrom, type Period, type PeriodKind, periodKinds } from "./period.ts";

export type LongerKind = keyof typeof addedUpFrom;
export type LongerPeriod = Period & { readonly kind: LongerKind };

/** What the periods that a day belongs to have to count anew. */
export interface CountedDay {
  readonly kpis: readonly Kpi[];
  /** Whether `kpis` are all that stand on it, changed or not. */
  readonly isWhole: boolean;
  /** Whether a roll-up may have died while it wrote the day, or one of its periods. */
  readonly isTorn: boolean;
}

/** A period to be counted anew, and the KPIs that its days may change. */
export interface Concerned {
  readonly period: LongerPeriod;
  readonly kpis: readonly Kpi[];
  readonly isTorn: boolean;
}

/**
 * The periods that days belong to, months before what is added up from them. Who had a fact on a day is active for a while,
 * which the periods after it tell as well, whether or not anything is counted there.
 */
export function longerPeriodsOf(
  days: ReadonlyMap<string, CountedDay>,
  all: readonly Kpi[],
  today: string,
): readonly Concerned[] {
  const activities = all.flatMap((kpi) => {
    const withinDays = activityOf(kpi)?.withinDays;
    return withinDays === undefined ? [] : { kpi, withinDays };
  });
  const concerned = new Map<string, Concerned>();
  const add = (period: LongerPeriod, kpis: readonly Kpi[], isTorn: boolean) => {
    const name = `${period.kind}#${period.start}`;
    const known = concerned.get(name);
    const together = new Set([...(known?.kpis ?? []), ...kpis]);
    concerned.set(name, { period, kpis: [...together], isTorn: isTorn || known?.isTorn === true });
  };
  for (const kind of periodKinds.filter(isLonger)) {
    for (const [day, { kpis, isWhole, isTorn }] of days) {
      add({ ...periodContaining(kind, day), kind }, kpis, isTorn);
      for (const { kpi, withinDays } of activities) {
        if (!isWhole && !kpis.includes(kpi)) continue;
        const last = [addDays(day, withinDays), today].sort()[0] ?? day;
        for (let period = periodContaining(kind, day); period.start <= last; period = periodBefore(period, -1))
          add({ ...period, kind }, [kpi], isTorn);
      }
    }
  }
  return [...concerned.values()].filter(({ kpis }) => kpis.length > 0);
}

function isLonger(kind: PeriodKind): kind is LongerKind {
  return kind in addedUpFrom;
}
