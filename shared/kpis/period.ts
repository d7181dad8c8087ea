export const periodKinds = ["day", "week", "month", "quarter", "year"] as const;
export type PeriodKind = (typeof periodKinds)[number];

/** Weekdays that a week may begin with. */
export const weekStarts = ["monday", "saturday", "sunday"] as const;
export type WeekStart = (typeof weekStarts)[number];

/** Local dates in the account's time zone: from `start`, up to but without `end`. */
export interface Period {
  readonly kind: PeriodKind;
  readonly start: string;
  readonly end: string;
}

/** Windows of so many days that end with each day. */
export const rollingDays = { "rolling-28": 28, "rolling-90": 90, "rolling-365": 365 } as const;
export type RollingKind = keyof typeof rollingDays;

export const seriesKinds = [...periodKinds, "rolling-28", "rolling-90", "rolling-365"] as const;
export type SeriesKind = (typeof seriesKinds)[number];

/** More would cost more than ten read units. */
export const mostPoints = { calendar: 150, rolling: 31 } as const;

export function isRolling(kind: SeriesKind): kind is RollingKind {
  return kind in rollingDays;
}

/** What each longer period is added up from; a week ends in the middle of months. */
export const addedUpFrom = { week: "day", month: "day", quarter: "month", year: "month" } as const;
