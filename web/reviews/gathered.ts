import { dueView } from "../actions/list.ts";
import { states } from "../actions/words.ts";
import { cards } from "../cards.ts";
import { statusWords, valueWords } from "../kpis/words.ts";
import { type Child, h } from "../tree.ts";
import { count, day, moment, percent } from "../words.ts";
import { type Figure, outcomeWords, type Review } from "./words.ts";

const quiet = (words: string): Child => h("p", { class: "quiet" }, words);

/** The KPIs as they were when the review was opened; what has nothing to say stands in one line. */
export function figuresView({ gathered: { asOf, kpis }, lateFigures }: Review): Child {
  const [known, unknown] = [kpis.filter(isKnown), kpis.filter((figure) => !isKnown(figure))];
  const late = new Map(lateFigures.map((figure) => [figure.kpi, figure.value]));
  return [
    known.length > 0 &&
      cards(
        "KPIs against their targets",
        ["KPI", "Value", "Target", "Status", "Period before"],
        known.map((figure) => figureRow(figure, late)),
      ),
    quiet(
      `As of ${moment(asOf)}${unknown.length === 0 ? "." : `; nothing had come in for ${count(unknown.length)} other ${unknown.length === 1 ? "KPI" : "KPIs"}.`}`,
    ),
  ];
}

function isKnown({ value, target, previous }: Figure): boolean {
  return target !== null || [value, previous?.value ?? null].some((known) => known !== null && known !== 0);
}

function figureRow(figure: Figure, late: ReadonlyMap<string, number | null>): readonly Child[] {
  const { kpi, title, value, target, owner, status, previous, complete } = figure;
  const now = late.get(kpi);
  return [
    title,
    [
      valueWords(figure, value),
      !complete && h("span", { class: "quiet line" }, "not all of it was known"),
      now !== undefined && h("span", { class: "quiet line" }, `${valueWords(figure, now)} by now`),
    ],
    target === null
      ? "–"
      : [valueWords(figure, target), owner !== null && h("span", { class: "quiet line" }, owner.name)],
    h("span", { class: `standing ${status.replaceAll(" ", "-")}` }, statusWords({ status })),
    previous === null ? "–" : valueWords(figure, previous.value),
  ];
}

/** The themes of the period's feedback, and whether they are more of it than before. */
export function themesView({ gathered: { themes } }: Review): Child {
  const { items, comments, previousComments, truncated } = themes;
  if (comments === 0) return quiet("Nobody said anything in this period.");
  const told = items.filter(({ count }) => count > 0);
  return [
    quiet(
      `${count(comments)} comments, ${count(previousComments)} in the period before${truncated ? "; the newest are looked at" : ""}.`,
    ),
    told.length > 0 &&
      cards(
        "Themes",
        ["Theme", "Comments", "Share", "Share before"],
        told.map(({ title, count: n, share, previousShare, significant }) => [
          title,
          count(n),
          [
            share === null ? "–" : percent(share),
            significant && h("span", { class: "quiet line" }, "more than chance explains"),
          ],
          previousShare === null ? "–" : percent(previousShare),
        ]),
      ),
  ];
}

/** What became of the last review's promises. */
export function promisesView({ gathered: { promises } }: Review, today: string): Child {
  if (promises.items.length === 0)
    return quiet(promises.review === null ? "This is the first review of its kind." : "Nothing was promised.");
  return cards(
    "Promises",
    ["Promise", "Owner", "Due", "Came of it"],
    promises.items.map((promise) => [
      promise.what,
      promise.owner.name,
      dueView({ ...promise, closedAt: null }, today),
      outcomeWords(promise),
    ]),
  );
}

function stateOf({ state }: Pick<Review["actions"][number], "state">): string {
  return states.find(([each]) => each === state)?.[1] ?? state;
}

/** What was promised in this review, and what was open when it began. */
export function actionsView({ actions, gathered: { openActions } }: Review, today: string): Child {
  const others = openActions.items.filter(({ id }) => !actions.some((action) => action.id === id));
  if (actions.length + others.length === 0) return quiet("Nothing has been promised yet.");
  return [
    actions.length > 0 &&
      cards(
        "Promised in this review",
        ["What", "Owner", "Due", "State"],
        actions.map((action) => [
          action.what,
          action.owner.name,
          dueView(action, today),
          h("span", { class: `state ${action.state}` }, stateOf(action)),
        ]),
      ),
    others.length > 0 && [
      quiet(`Open already when this review began${openActions.truncated ? ", the first of them" : ""}:`),
      h(
        "ul",
        { class: "points" },
        others.map(({ what, owner, dueOn }) => h("li", {}, `${what}: ${owner.name}, by ${day(dueOn)}`)),
      ),
    ],
    h("p", {}, h("a", { href: "#/actions" }, "All actions, and to change their state")),
  ];
}
