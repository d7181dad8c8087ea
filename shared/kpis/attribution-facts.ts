import { contactIdOf } from "../events/event-keys.ts";
import type { CreditItem } from "../results/credit.ts";
import { digestOf } from "../table/hash.ts";
import { entryOf, type KpiEntry, personOf } from "./entry.ts";

/**
 * The entry of an order that is credited to a campaign, on the order's day: what is left of its revenue. Undefined of one
 * that never was credited; of one whose credit has gone it is withdrawn.
 */
export function attributionEntry({ pk, orderId, orderedAt, ...credit }: CreditItem): KpiEntry | undefined {
  const { currency, amount, takenBack, shares, version } = credit;
  const credited = shares.find((share) => share.credited);
  if (credited === undefined && !shares.some(({ gone }) => gone)) return undefined;
  return entryOf({
    fact: "Order Attributed",
    at: orderedAt,
    person: personOf(contactIdOf(pk)),
    id: digestOf(["attributed", pk, orderId], 20),
    properties: { amount: amount - takenBack, currency, campaign: credited?.campaign.id },
    version,
    withdrawn: credited === undefined,
  });
}
