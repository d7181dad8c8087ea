import { stepWords } from "../../shared/journeys/describe.ts";
import type { Answer } from "../api.ts";
import { bar } from "../bar.ts";
import { type Child, h, type Tree } from "../tree.ts";
import { count } from "../words.ts";
import type { FlowItem, StepItem } from "./flow.ts";
import { skipWords } from "./outcomes.ts";

export type StepCounts = Answer<"/v1/journeys/{id}/report">["steps"][number];

/** The steps one below the other, each with its counts. */
export function flowView(flow: readonly FlowItem[], counts: ReadonlyMap<string, StepCounts>): Tree {
  const numbers = new Map(stepsIn(flow).map(({ step, number }) => [step.id, number]));
  const most = Math.max(1, ...[...counts.values()].map(({ entered }) => entered));

  const list = (items: readonly FlowItem[]): Tree => h("ol", { class: "flow" }, items.map(item));

  function item(flowItem: FlowItem): Tree {
    if (flowItem.kind === "goto") {
      const number = numbers.get(flowItem.stepId);
      const link = h("a", { href: "#", click: toStep(flowItem.stepId) }, `step ${number ?? flowItem.stepId}`);
      return h("li", { class: "goto" }, "Goes on at ", number === undefined ? flowItem.stepId : link);
    }
    const { step, number, ways } = flowItem;
    const { kind, title, details } = stepWords(step);
    return h(
      "li",
      { class: "step" },
      h(
        "article",
        { id: `step-${step.id}`, tabindex: -1, class: `card ${step.type}` },
        h("p", { class: "kind" }, h("span", { class: "number" }, number), kind),
        h("h3", {}, title),
        details.map((detail) => h("p", { class: "quiet" }, detail)),
        countsView(counts.get(step.id), most),
      ),
      ways.length > 0 &&
        h(
          "ul",
          { class: "ways" },
          ways.map(({ label, items }) =>
            h(
              "li",
              {},
              h("p", { class: "way" }, label),
              items.length === 0 ? h("p", { class: "quiet straight" }, "Goes straight on") : list(items),
            ),
          ),
        ),
    );
  }

  return list(flow);
}

/** Steps that the shown version lacks: runs keep the version that they began with. */
export function otherStepsView(steps: readonly StepCounts[]): Child {
  return h(
    "section",
    { "aria-labelledby": "others" },
    h("h2", { id: "others" }, "Steps of other versions"),
    h("p", { class: "quiet" }, "Whoever is inside stays with the version that was published when they entered."),
    h(
      "ul",
      { class: "others" },
      steps.map((step) => h("li", { class: "card" }, h("h3", {}, step.stepId), countsView(step, step.entered))),
    ),
  );
}

function countsView(counts: StepCounts | undefined, most: number): Child {
  const { entered = 0, waiting = 0, passed = 0, left = 0, failed = 0, unconfirmed = 0, skipped = {} } = counts ?? {};
  /** The part of the bar that shows a count gives its name the same colour. */
  const figures: [name: string, value: number, part?: string][] = [
    ["Entered", entered],
    ["Passed", passed, "passed"],
    ["Here now", waiting, "waiting"],
    ...Object.entries(skipped).map(([reason, value]): [string, number, string] => [
      skipWords(reason),
      value,
      "skipped",
    ]),
    ["Left the journey", left, "left"],
    ["Failed", failed, "left"],
    ["Unconfirmed", unconfirmed, "left"],
  ];
  const skips = Object.values(skipped).reduce((sum, each) => sum + each, 0);
  return [
    // How the step's people are doing against the fullest step.
    bar([
      ["passed", passed / most],
      ["waiting", waiting / most],
      ["skipped", skips / most],
      ["left", (left + failed + unconfirmed) / most],
    ]),
    h(
      "dl",
      { class: "counts" },
      figures
        .filter(([, value], at) => at < 3 || value > 0)
        .map(([name, value, part]) => h("div", {}, h("dt", { class: part }, name), h("dd", {}, count(value)))),
    ),
  ];
}

function stepsIn(items: readonly FlowItem[]): StepItem[] {
  return items.flatMap((item) =>
    item.kind === "goto" ? [] : [item, ...item.ways.flatMap((way) => stepsIn(way.items))],
  );
}

/** The address stays as it is: it names the page. */
function toStep(stepId: string) {
  return (event: Event) => {
    event.preventDefault();
    const card = document.getElementById(`step-${stepId}`);
    card?.scrollIntoView({ behavior: "smooth", block: "center" });
    card?.focus({ preventScroll: true });
  };
}
