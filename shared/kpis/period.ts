export const periodKinds = ["day", "week", "month", "quarter", "year"] as const;
export type PeriodKind = (typeof periodKinds)[number];

/** Local dates in the account's time zone: from `start`, up to but without `end`. */
export interface Period {
  readonly kind: PeriodKind;
  readonly start: string;
  readonly end: string;
}
