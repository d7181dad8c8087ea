import type { Act } from "../api.ts";
import { cards } from "../cards.ts";
import type { Page } from "../page.ts";
import { type Child, h } from "../tree.ts";
import { day, moment, today } from "../words.ts";
import { type Action, lateWords, missedWords, originWords, states } from "./words.ts";

interface Data {
  readonly items: readonly Action[];
  readonly hasMore: boolean;
  /** The reader's own date. */
  readonly today: string;
}

const empty: Readonly<Record<Action["state"], string>> = {
  open: "Nothing is to be done. Promise something in a review, or enter what is to be done about a theme of feedback by POST /v1/actions.",
  done: "Nothing has been done yet.",
  dropped: "Nothing has been dropped.",
};

/** What somebody is to do, or has done, by which day: those in one state. */
export function actionListPage(state: Action["state"]): Page<Data> {
  return {
    title: () => "Actions",
    refreshSeconds: 60,
    async *load(api) {
      const { items, nextCursor } = await api.get("/v1/actions", {}, { state, limit: "100" });
      yield { items, hasMore: nextCursor !== null, today: today() };
    },
    view: ({ items, hasMore, today }, act) => [
      h(
        "nav",
        { "aria-label": "State", class: "choice" },
        states.map(([each, words]) =>
          h("a", { href: `#/actions/${each}`, "aria-current": each === state && "true" }, words),
        ),
      ),
      items.length === 0
        ? h("p", { class: "empty" }, empty[state])
        : cards(
            "Actions",
            ["What", "Owner", "Due", "About", "Change"],
            items.map((action) => row(action, { today, act })),
          ),
      hasMore && h("p", { class: "quiet" }, "These are the first hundred; GET /v1/actions lists all."),
    ],
  };
}

/** An action, with what may be done with it. */
function row(action: Action, { today, act }: { readonly today: string; readonly act: Act }): readonly Child[] {
  const { what, notes, owner } = action;
  const { words, place } = originWords(action);
  const deeds = deedsOf(action).map(([state, label]) =>
    h(
      "button",
      { type: "button", "aria-label": `${label}: ${what}`, click: () => act(changing(action, state)) },
      label,
    ),
  );
  return [
    [what, notes !== "" && h("span", { class: "quiet line" }, notes)],
    owner.name,
    dueView(action, today),
    place === undefined ? words : h("a", { href: `#${place}` }, words),
    h("div", { class: "deeds" }, deeds),
  ];
}

/** The due day, and how late it is or when it was closed. */
export function dueView(action: Pick<Action, "state" | "dueOn" | "closedAt" | "missedOn">, today: string): Child {
  const { state, dueOn, closedAt } = action;
  const late = lateWords(action, today);
  const missed = missedWords(action);
  return [
    day(dueOn),
    late !== undefined && h("span", { class: "late line" }, late),
    missed !== undefined && h("span", { class: "quiet line" }, missed),
    closedAt !== null && h("span", { class: "quiet line" }, `${state} ${moment(closedAt)}`),
  ];
}

function deedsOf({ state }: Action): readonly (readonly [state: Action["state"], label: string])[] {
  if (state !== "open") return [["open", "Open again"]];
  return [
    ["done", "Done"],
    ["dropped", "Drop"],
  ];
}

function changing({ id, version, what, owner, dueOn, notes }: Action, state: Action["state"]): Parameters<Act>[0] {
  return (api) => api.send("PUT", "/v1/actions/{id}", { id }, { what, owner, dueOn, notes, state }, { version });
}
