import { reentryWords, triggerWords } from "../../shared/journeys/describe.ts";
import type { Answer } from "../api.ts";
import type { Page } from "../page.ts";
import { type Child, h } from "../tree.ts";
import { count } from "../words.ts";
import { flowOf } from "./flow.ts";
import { flowView, otherStepsView, type StepCounts } from "./flow-view.ts";
import { endingWords } from "./outcomes.ts";
import { placeOfResults } from "./results.ts";
import { placeOfRuns } from "./runs.ts";
import { stateWords, versionWords } from "./states.ts";

interface Data {
  readonly journey: Answer<"/v1/journeys/{id}">;
  readonly report: Answer<"/v1/journeys/{id}/report">;
}

/** A journey's steps, and how many people stand where. */
export function journeyPage(id: string): Page<Data> {
  return {
    title: (data) => data?.journey.name ?? "Journey",
    trail: [{ title: "Journeys", place: "/journeys" }],
    refreshSeconds: 15,

    async *load(api) {
      const [journey, report] = await Promise.all([
        api.get("/v1/journeys/{id}", { id }),
        api.get("/v1/journeys/{id}/report", { id }),
      ]);
      yield { journey, report };
    },

    view: ({ journey, report }) => {
      // People walk through what is published; a draft shows until then.
      const definition = journey.published ?? journey.definition;
      const { state, note } = stateWords(journey);
      const counts = new Map(report.steps.map((step): [string, StepCounts] => [step.stepId, step]));
      const others = report.steps.filter(
        (step) => step.entered > 0 && !definition.steps.some(({ id: own }) => own === step.stepId),
      );
      return [
        h(
          "p",
          { class: "facts" },
          h("span", { class: `state ${journey.state}` }, state),
          note !== undefined && h("span", {}, note),
          h("span", {}, versionWords(journey)),
          h("span", {}, reentryWords(definition)),
        ),
        totals(report),
        h("p", {}, h("a", { href: `#${placeOfResults(id)}` }, "What its mails led to: opens, clicks, orders, revenue")),
        h(
          "section",
          { "aria-labelledby": "steps" },
          h("h2", { id: "steps" }, "Steps"),
          h("p", { class: "start" }, h("strong", {}, "Starts when: "), triggerWords(definition)),
          journey.inside !== null && h("p", { class: "quiet" }, insideWords(journey.inside)),
          flowView(flowOf(definition), counts),
        ),
        others.length > 0 && otherStepsView(others),
        finder(id),
      ];
    },
  };
}

/** Whom a journey that a segment starts concerns already. */
function insideWords({ count: members, exact }: NonNullable<Data["journey"]["inside"]>): string {
  const number = `${exact ? "" : "More than "}${count(members)}`;
  return `In the segment now: ${number}. Publishing starts it for whoever enters from then on, unless all are included.`;
}

/** Leads to one contact's way through the journey. */
function finder(journeyId: string): Child {
  const find = (event: Event) => {
    event.preventDefault();
    const email = event.target instanceof HTMLFormElement ? new FormData(event.target).get("email") : "";
    location.hash = placeOfRuns(journeyId, String(email).trim());
  };
  return h(
    "section",
    { "aria-labelledby": "finder" },
    h("h2", { id: "finder" }, "One contact’s way"),
    h(
      "form",
      { class: "finder", submit: find },
      h("label", { for: "email" }, "E-mail address"),
      h("input", { id: "email", name: "email", type: "email", required: true, autocomplete: "off" }),
      h("button", { type: "submit" }, "Show"),
    ),
  );
}

function totals({ runs }: Data["report"]): Child {
  const ended = Object.entries(runs.ended).map(([ending, number]) => figure(endingWords(ending), number));
  return h(
    "dl",
    { class: "figures" },
    figure("Entered in 30 days", runs.begunLately),
    figure("Entered in all", runs.begun),
    figure("Inside now", runs.active),
    ended,
    runs.refused > 0 && figure("Refused: the journey was full", runs.refused),
  );
}

function figure(name: string, value: number): Child {
  return h("div", {}, h("dt", {}, name), h("dd", {}, count(value)));
}
