import { triggerWords } from "../../shared/journeys/describe.ts";
import type { Answer, Api } from "../api.ts";
import type { Page } from "../page.ts";
import { type Child, h } from "../tree.ts";
import { count, moment } from "../words.ts";
import { stateWords, versionWords } from "./states.ts";

type Head = Answer<"/v1/journeys">["items"][number];

/** A journey's line: its head at once, what else there is as it comes. */
interface Line {
  readonly head: Head;
  readonly trigger?: string;
  readonly inside?: number;
  readonly begun?: number;
}

interface Data {
  readonly lines: readonly Line[];
}

/** All journeys, and how many people are inside. */
export const journeyListPage: Page<Data> = {
  title: () => "Journeys",
  refreshSeconds: 60,

  async *load(api, before) {
    const { items } = await api.get("/v1/journeys");
    let lines: readonly Line[] = items.map((head) => ({
      ...before?.lines.find((line) => line.head.id === head.id),
      head,
    }));
    yield { lines };
    // One after the other: a journey with many runs takes its time, and should not hold up nor crowd out the rest.
    for (const { id } of items) {
      const more = await readLine(api, id);
      lines = lines.map((line) => (line.head.id === id ? { ...line, ...more } : line));
      yield { lines };
    }
  },

  view: ({ lines }) =>
    lines.length === 0
      ? h("p", { class: "empty" }, "There is no journey yet. A journey is a series of e-mails that starts by itself.")
      : h(
          "table",
          { class: "cards", role: "table" },
          h("caption", { class: "hidden" }, "Journeys"),
          h(
            "thead",
            {},
            h(
              "tr",
              {},
              ["Journey", "State", "Starts when"].map((name) => h("th", { scope: "col" }, name)),
              ["Inside now", "Entered in 30 days"].map((name) => h("th", { scope: "col", class: "number" }, name)),
              h("th", { scope: "col" }, "Last change"),
            ),
          ),
          h("tbody", {}, lines.map(row)),
        ),
};

async function readLine(api: Api, id: string): Promise<Omit<Line, "head">> {
  const [{ definition, published }, { runs }] = await Promise.all([
    api.get("/v1/journeys/{id}", { id }),
    api.get("/v1/journeys/{id}/report", { id }),
  ]);
  return { trigger: triggerWords(published ?? definition), inside: runs.active, begun: runs.begunLately };
}

function row({ head, trigger, inside, begun }: Line): Child {
  const { state, note } = stateWords(head);
  const cell = (label: string, content: Child, kind?: string) =>
    h("td", { "data-label": label, class: kind, role: "cell" }, content);
  return h(
    "tr",
    { role: "row" },
    h(
      "th",
      { scope: "row", role: "rowheader" },
      h("a", { href: `#/journeys/${encodeURIComponent(head.id)}` }, head.name),
    ),
    cell("State", [
      h("span", { class: `state ${head.state}` }, state),
      [note, versionWords(head)].map((words) => words !== undefined && h("span", { class: "quiet line" }, words)),
    ]),
    cell("Starts when", trigger ?? "…"),
    cell("Inside now", inside === undefined ? "…" : count(inside), "number"),
    cell("Entered in 30 days", begun === undefined ? "…" : count(begun), "number"),
    cell("Last change", changeWords(head)),
  );
}

/** What nobody has touched is dated to the beginning of time. */
function changeWords({ updatedAt, updatedBy, revision }: Head): Child {
  if (revision === 0) return h("span", { class: "quiet" }, "As it came with Rapport");
  return [moment(updatedAt), h("span", { class: "quiet line" }, `by ${updatedBy}`)];
}
