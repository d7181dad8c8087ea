import { type Child, h } from "./tree.ts";
import { count, money, percent } from "./words.ts";

/** A count, and below it the share it is; null of none. */
export function withRate(value: number, rate: number | null): Child {
  return [count(value), rate !== null && h("span", { class: "quiet line" }, percent(rate))];
}

/** Of several currencies each; they are never added up. */
export function amounts(byCurrency: Readonly<Record<string, number>>): string {
  const texts = Object.entries(byCurrency).map(([currency, amount]) => money(amount, currency));
  return texts.length === 0 ? "–" : texts.join(", ");
}
