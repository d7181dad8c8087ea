import type { SegmentContact } from "./facts.ts";

const dayMilliseconds = 86_400_000;

/** So many of the contact's own usual gaps without an order are late. */
export const lateTimes = 1.5;

/**
 * When a contact is late against its own rhythm: so many times the mean gap between orders, of two orders or more.
 *
 * @returns milliseconds since 1970; undefined without a rhythm
 */
export function overdueAt(
  times: number,
  { orders, customerAt, lastOrderAt }: Pick<SegmentContact, "orders" | "customerAt" | "lastOrderAt">,
): number | undefined {
  if (orders < 2 || customerAt === undefined || lastOrderAt === undefined) return undefined;
  const [first, last] = [Date.parse(customerAt), Date.parse(lastOrderAt)];
  const gap = Math.max(dayMilliseconds, (last - first) / (orders - 1));
  return last + Math.ceil(times * gap);
}
