/** What the models of a customer base see of a customer: x, t_x and T of the literature, in weeks. */
export interface PurchaseHistory {
  /** Purchases after the first one; all orders of a day are one purchase. */
  readonly frequency: number;
  /** Weeks from the first purchase to the last one; 0 without a second one. */
  readonly recency: number;
  /** Weeks from the first purchase to now. */
  readonly age: number;
}

/** A history, and how many customers share it. */
export type GroupedHistory = PurchaseHistory & { readonly customers: number };

const daysOfWeek = 7;
const dayMilliseconds = 86_400_000;

/** The day of an instant: whole days since 1970, UTC. */
export function dayOf(instant: string | Date): number {
  return Math.floor((typeof instant === "string" ? Date.parse(instant) : instant.getTime()) / dayMilliseconds);
}

/** The purchases of a customer: how many distinct days, the first one and the last one. */
export interface Purchases {
  readonly count: number;
  readonly first: number;
  readonly last: number;
}

/** The purchases that some orders make, by their days; undefined without any. */
export function purchasesOf(days: Iterable<number>): Purchases | undefined {
  const distinct = [...new Set(days)].sort((a, b) => a - b);
  const [first, last] = [distinct[0], distinct.at(-1)];
  return first === undefined || last === undefined ? undefined : { count: distinct.length, first, last };
}

/** A customer's history as of a day. A purchase after it, by a clock that runs ahead, makes no customer older. */
export function historyOf({ count, first, last }: Purchases, today: number): PurchaseHistory {
  return {
    frequency: count - 1,
    recency: (last - first) / daysOfWeek,
    age: (Math.max(today, last) - first) / daysOfWeek,
  };
}

/** Equal histories together: the likelihood is computed once for each. */
export function groupHistories(histories: Iterable<PurchaseHistory>): readonly GroupedHistory[] {
  const groups = new Map<string, PurchaseHistory & { customers: number }>();
  for (const { frequency, recency, age } of histories) {
    const key = `${frequency} ${recency} ${age}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { frequency, recency, age, customers: 1 });
    else group.customers++;
  }
  return [...groups.values()];
}
