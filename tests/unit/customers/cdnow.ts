import { readFileSync } from "node:fs";
import { dayOf, historyOf, type PurchaseHistory, purchasesOf } from "../../../shared/customers/purchase-history.ts";
import type { Spend } from "../../../shared/customers/spend-model.ts";

const file = new URL("fixtures/cdnow-sample.txt", import.meta.url);

interface Order {
  readonly day: number;
  readonly dollars: number;
}

/** The orders of the sample's customers from 1997-01 to 1998-06: master id, sample id, date, CDs, dollars. */
export function cdnowCustomers(): readonly (readonly Order[])[] {
  const customers = new Map<string, Order[]>();
  for (const line of readFileSync(file, "utf8").split("\n")) {
    const [, id, date, , dollars] = line.trim().split(/\s+/);
    if (id === undefined || date === undefined) continue;
    const day = dayOf(date.replace(/^(\d{4})(\d\d)(\d\d)$/, "$1-$2-$3"));
    customers.set(id, [...(customers.get(id) ?? []), { day, dollars: Number(dollars) }]);
  }
  return [...customers.values()];
}

/** The customers' histories of the first 39 weeks, and what they spent after the first purchase. */
export function cdnowCalibration(): {
  readonly histories: readonly PurchaseHistory[];
  readonly spends: readonly Spend[];
} {
  const end = dayOf("1997-09-30");
  const histories: PurchaseHistory[] = [];
  const spends: Spend[] = [];
  for (const all of cdnowCustomers()) {
    const orders = all.filter(({ day }) => day <= end);
    const purchases = purchasesOf(orders.map(({ day }) => day));
    if (purchases === undefined) continue;
    const history = historyOf(purchases, end);
    histories.push(history);
    const later = orders.filter(({ day }) => day !== purchases.first);
    const mean = later.reduce((sum, { dollars }) => sum + dollars, 0) / history.frequency;
    if (history.frequency > 0 && mean > 0) spends.push({ purchases: history.frequency, mean });
  }
  return { histories, spends };
}
