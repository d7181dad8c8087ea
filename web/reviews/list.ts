import { cards } from "../cards.ts";
import type { Page } from "../page.ts";
import { type Child, h } from "../tree.ts";
import { day, today } from "../words.ts";
import { type ReviewHead, stateWords } from "./words.ts";

interface Data {
  readonly items: readonly ReviewHead[];
  /** The reader's own date. */
  readonly today: string;
}

/** The reviews, the latest period first. */
export const reviewListPage: Page<Data> = {
  title: () => "Reviews",
  refreshSeconds: 60,
  async *load(api) {
    const { items } = await api.get("/v1/reviews", {}, { limit: "25" });
    yield { items, today: today() };
  },
  view: ({ items, today }) =>
    items.length === 0
      ? h(
          "p",
          { class: "empty" },
          "There is no review yet. One opens by itself on the first morning after each quarter; PUT /v1/review-schedule asks for months or years, too.",
        )
      : cards(
          "Reviews",
          ["Review", "State", "Learnt", "Decided"],
          items.map((review) => row(review, today)),
        ),
};

function row(review: ReviewHead, today: string): readonly Child[] {
  const { id, title, start, end, learnt, decided } = review;
  const period = h("span", { class: "quiet line" }, `${day(start)} to ${day(lastOf(end))}`);
  return [
    [h("a", { href: `#/reviews/${encodeURIComponent(id)}` }, title), period],
    stateView(review, today),
    shortened(learnt),
    shortened(decided),
  ];
}

/** The state with by when, or when; late ones stand out. */
export function stateView(review: ReviewHead, today: string): Child {
  const { state, note, isLate } = stateWords(review, today);
  return [
    h("span", { class: `state ${review.state}` }, state),
    note !== "" && h("span", { class: `${isLate ? "late" : "quiet"} line` }, note),
  ];
}

/** A period's last day, of its end, which is the first after it. */
export function lastOf(end: string): string {
  return new Date(Date.parse(end) - 86_400_000).toISOString().slice(0, 10);
}

const longest = 140;

function shortened(words: string): string {
  if (words === "") return "–";
  return words.length <= longest ? words : `${words.slice(0, longest).trimEnd()} …`;
}
