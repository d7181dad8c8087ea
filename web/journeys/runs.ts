import { stepWords } from "../../shared/journeys/describe.ts";
import { type Answer, ApiError } from "../api.ts";
import { cards } from "../cards.ts";
import type { Page } from "../page.ts";
import { type Child, h } from "../tree.ts";
import { moment } from "../words.ts";
import { endingWords, outcomeWords } from "./outcomes.ts";

type Run = Answer<"/v1/journeys/{id}/runs/{contactId}">["items"][number];

interface Data {
  readonly journey: Answer<"/v1/journeys/{id}">;
  readonly email: string;
  readonly runs: readonly Run[];
}

/** The place of a contact's runs. */
export function placeOfRuns(journeyId: string, email: string): string {
  return `/journeys/${encodeURIComponent(journeyId)}/contacts/${encodeURIComponent(email)}`;
}

/** A contact's runs through a journey: which step was reached and left when, and why. */
export function runsPage(id: string, email: string): Page<Data> {
  return {
    title: () => email,
    trail: [
      { title: "Journeys", place: "/journeys" },
      { title: "The journey", place: `/journeys/${encodeURIComponent(id)}` },
    ],
    refreshSeconds: 15,

    async *load(api) {
      const [journey, found] = await Promise.all([
        api.get("/v1/journeys/{id}", { id }),
        api.get("/v1/contacts", {}, { email }),
      ]);
      const [contact] = found.items;
      if (contact === undefined) throw new ApiError(404, "Nobody has this address", "Look whether it is spelt right.");
      const { items } = await api.get("/v1/journeys/{id}/runs/{contactId}", { id, contactId: contact.id });
      yield { journey, email, runs: items };
    },

    view: ({ journey, runs }) => {
      const { steps } = journey.published ?? journey.definition;
      const titles = new Map(steps.map((step) => [step.id, stepWords(step).title]));
      if (runs.length === 0) return h("p", { class: "empty" }, `Has not entered “${journey.name}”.`);
      return runs.map((run, at) => runView(run, at, titles));
    },
  };
}

function runView(run: Run, at: number, titles: ReadonlyMap<string, string>): Child {
  const about = run.entryKey === "once" ? "" : `, about ${run.entryKey}`;
  const heading = `run-${at}`;
  return h(
    "section",
    { "aria-labelledby": heading },
    h("h2", { id: heading }, `Entered ${moment(run.startedAt)}${about}`),
    h("p", {}, standWords(run), h("span", { class: "quiet line" }, `Version ${run.journeyVersion}`)),
    cards(
      "Steps",
      ["Step", "Reached", "Left", "Outcome"],
      run.log.map(({ stepId, at: reached, leftAt, outcome, reason }) => [
        titles.get(stepId) ?? stepId,
        moment(reached),
        leftAt === undefined ? "Here now" : moment(leftAt),
        outcomeWords(outcome, reason),
      ]),
    ),
  );
}

function standWords({ state, endedBy, endedAt, dueAt }: Run): string {
  if (state === "active") return dueAt === null ? "Inside now" : `Inside now; goes on ${moment(dueAt)} at the latest`;
  return `${endingWords(endedBy ?? "completed")}${endedAt === null ? "" : `, ${moment(endedAt)}`}`;
}
