import type { Answer, Api } from "../api.ts";
import { bar } from "../bar.ts";
import { amounts, withRate } from "../numbers.ts";
import type { Page } from "../page.ts";
import { type Child, h } from "../tree.ts";
import { count } from "../words.ts";
import { type Broadcast, stateWords } from "./words.ts";

type Progress = NonNullable<Answer<"/v1/broadcasts/{id}">["progress"]>;
type Totals = Answer<"/v1/broadcasts/{id}/results">["totals"];

/** A broadcast's line: what the list says at once, what else there is as it comes. */
interface Line {
  readonly broadcast: Broadcast;
  readonly progress?: Progress;
  readonly totals?: Totals;
}

interface Data {
  readonly lines: readonly Line[];
  /** Whether there are older ones, which are not shown. */
  readonly more: boolean;
}

/** So many of the newest are shown: each is counted mail by mail. */
const shown = 25;

/** The newest broadcasts: where each stands, what became of its mails, and what they led to. */
export const broadcastListPage: Page<Data> = {
  title: () => "Broadcasts",
  refreshSeconds: 60,

  async *load(api, before) {
    const { items, nextCursor } = await api.get("/v1/broadcasts", {}, { limit: String(shown) });
    const more = nextCursor !== null;
    let lines: readonly Line[] = items.map((broadcast) => ({
      ...before?.lines.find((line) => line.broadcast.id === broadcast.id),
      broadcast,
    }));
    yield { lines, more };
    // One after the other: a large one takes its time, and should not hold up nor crowd out the rest.
    for (const known of lines) {
      if (!hasBegun(known.broadcast)) continue;
      const wasSettled = before?.lines.some(
        ({ broadcast }) => broadcast.id === known.broadcast.id && broadcast.state === "sent",
      );
      const next = await readLine(api, known, wasSettled === true);
      lines = lines.map((line) => (line === known ? next : line));
      yield { lines, more };
    }
  },

  view: ({ lines, more }) =>
    lines.length === 0
      ? emptyView()
      : [
          h(
            "table",
            { class: "cards", role: "table" },
            h("caption", { class: "hidden" }, "Broadcasts"),
            h(
              "thead",
              {},
              h(
                "tr",
                {},
                ["Broadcast", "State", "Sent"].map((name) => h("th", { scope: "col" }, name)),
                ["Opened", "Clicked", "Ordered", "Revenue"].map((name) =>
                  h("th", { scope: "col", class: "number" }, name),
                ),
              ),
            ),
            h("tbody", {}, lines.map(row)),
          ),
          more && h("p", { class: "quiet" }, `These are the newest ${shown}. The API lists all: GET /v1/broadcasts.`),
        ],
};

function emptyView(): Child {
  return h(
    "div",
    { class: "empty" },
    h(
      "p",
      {},
      "There is no broadcast yet. A broadcast is one e-mail to everybody in a segment, now or at a time you choose.",
    ),
    h(
      "p",
      {},
      "It is made by the API, as a draft first: POST /v1/broadcasts. The guide “Send a broadcast” goes through it.",
    ),
  );
}

/** What is a draft, starts later, or was cancelled before its start has no mails to count. */
function hasBegun({ state, walk }: Broadcast): boolean {
  return walk !== null && state !== "draft" && state !== "scheduled";
}

/** What became of the mails of one that is sent does not change any more; what they led to does. */
async function readLine(api: Api, known: Line, isSettled: boolean): Promise<Line> {
  const { broadcast } = known;
  const { id } = broadcast;
  const [{ progress }, { totals }] = await Promise.all([
    isSettled && known.progress !== undefined ? known : api.get("/v1/broadcasts/{id}", { id }),
    api.get("/v1/broadcasts/{id}/results", { id }, daysOf(broadcast)),
  ]);
  return { broadcast, totals, ...(progress !== null && progress !== undefined && { progress }) };
}

const day = 86_400_000;

/** All days on which a mail of it can have been asked for, in whatever time zone the account is. */
function daysOf({ startsAt, createdAt }: Broadcast): Readonly<Record<string, string>> {
  const from = Date.parse(startsAt ?? createdAt) - day;
  const dateOf = (at: number) => new Date(at).toISOString().slice(0, 10);
  return { from: dateOf(from), to: dateOf(from + 399 * day) };
}

function row({ broadcast, progress, totals }: Line): Child {
  const { state, note } = stateWords(broadcast);
  const cell = (label: string, content: Child, kind?: string) =>
    h("td", { "data-label": label, class: kind !== "" && kind, role: "cell" }, content);
  // What has nothing to count yet has no such lines on a phone.
  const [pending, kind] = hasBegun(broadcast) ? ["…", ""] : ["–", "none"];
  const result = (label: string, of: (totals: Totals) => Child) =>
    cell(label, totals === undefined ? pending : of(totals), `number ${kind}`.trim());
  return h(
    "tr",
    { role: "row" },
    h(
      "th",
      { scope: "row", role: "rowheader" },
      broadcast.name,
      h("span", { class: "quiet line" }, `To the segment “${broadcast.segmentId}”`),
    ),
    cell("State", [
      h("span", { class: `state ${broadcast.state}` }, state),
      note !== undefined && h("span", { class: "quiet line" }, note),
    ]),
    cell("Sent", progress === undefined ? pending : progressView(broadcast, progress), kind),
    result("Opened", ({ opened, rates }) => withRate(opened, rates.opened)),
    result("Clicked", ({ clicked, rates }) => withRate(clicked, rates.clicked)),
    result("Ordered", ({ converted, rates }) => withRate(converted, rates.converted)),
    result("Revenue", ({ revenue }) => amounts(revenue)),
  );
}

/** How far it is, as a bar and in numbers: of the mails that were asked for so far. */
function progressView({ state, walk }: Broadcast, progress: Progress): Child {
  const { queued, sent, waiting, failed, unconfirmed, heldOut } = progress;
  const skipped = Object.values(progress.skipped).reduce((sum, each) => sum + each, 0);
  const all = Math.max(1, queued);
  const looking = walk !== null && walk.shardsDone < walk.shards && (state === "sending" || state === "paused");
  const rest: readonly (readonly [value: number, words: string])[] = [
    [waiting, "waiting"],
    [skipped, "left out"],
    [failed, "failed"],
    [unconfirmed, "without an answer"],
    [heldOut, "held out"],
  ];
  const words = rest.filter(([value]) => value > 0).map(([value, what]) => `${count(value)} ${what}`);
  return [
    `${count(sent)} of ${count(queued)}${looking ? " so far" : ""}`,
    bar([
      ["passed", sent / all],
      ["skipped", skipped / all],
      ["left", (failed + unconfirmed) / all],
    ]),
    words.length > 0 && h("span", { class: "quiet line" }, words.join(", ")),
  ];
}
