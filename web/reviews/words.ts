import type { Answer } from "../api.ts";
import { day, moment } from "../words.ts";

/** A review as the list shows it, and with all that belongs to it. */
export type ReviewHead = Answer<"/v1/reviews">["items"][number];
export type Review = Answer<"/v1/reviews/{id}">;
export type Figure = Review["gathered"]["kpis"][number];
export type Promised = Review["gathered"]["promises"]["items"][number];

/** A review's state, and by when it is to be closed or when it was. */
export function stateWords(review: Pick<ReviewHead, "state" | "closeBy" | "closedAt" | "closedBy">, today: string) {
  const { state, closeBy, closedAt, closedBy } = review;
  if (state === "closed")
    return { state: "Closed", note: closedAt === null ? "" : `${moment(closedAt)} by ${closedBy}`, isLate: false };
  const isLate = closeBy < today;
  return { state: "Open", note: `${isLate ? "Was to be closed" : "To be closed"} by ${day(closeBy)}`, isLate };
}

const outcomes: Readonly<Record<Promised["outcome"], string>> = {
  kept: "✓ Kept",
  late: "▲ Done late",
  dropped: "– Dropped",
  open: "… Not done",
};

/** What became of a promise, as a shape and in words. */
export function outcomeWords({ outcome }: Pick<Promised, "outcome">): string {
  return outcomes[outcome];
}
