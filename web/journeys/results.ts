import type { Answer } from "../api.ts";
import { amounts, withRate } from "../numbers.ts";
import type { Page } from "../page.ts";
import { type Child, h, type Tree } from "../tree.ts";
import { count, moment, money, percent } from "../words.ts";

type Results = Answer<"/v1/journeys/{id}/results">;
type Counts = Results["totals"];
type Line = Results["lines"][number];

interface Data {
  readonly name: string;
  readonly results: Results;
}

/** The place of a journey's results. */
export function placeOfResults(journeyId: string): string {
  return `/journeys/${encodeURIComponent(journeyId)}/results`;
}

/** What a journey's mails led to in the newest 30 days. */
export function resultsPage(id: string): Page<Data> {
  return {
    title: (data) => (data === undefined ? "Results" : `Results of ${data.name}`),
    trail: [
      { title: "Journeys", place: "/journeys" },
      { title: "The journey", place: `/journeys/${encodeURIComponent(id)}` },
    ],
    // They are counted every hour.
    refreshSeconds: 300,

    async *load(api) {
      const [{ name }, results] = await Promise.all([
        api.get("/v1/journeys/{id}", { id }),
        api.get("/v1/journeys/{id}/results", { id }),
      ]);
      yield { name, results };
    },

    view: ({ results }) => {
      const { from, to, asOf, complete, lines, totals } = results;
      if (lines.length === 0) {
        return h(
          "p",
          { class: "empty" },
          `No mail was asked for from ${from} to ${to}. Results are counted every hour.`,
        );
      }
      return [
        h(
          "p",
          {},
          `Mails asked for from ${from} to ${to}${asOf === null ? "" : `, counted ${moment(asOf)}`}. `,
          complete ? false : "Orders may still be credited to the newest.",
        ),
        figures(results),
        liftView(results.lift),
        table(lines, totals),
      ];
    },
  };
}

function figures({ totals, cost, roi }: Results): Tree {
  const figure = (name: string, value: Child) => h("div", {}, h("dt", {}, name), h("dd", {}, value));
  return h(
    "dl",
    { class: "figures" },
    figure("Revenue", amounts(totals.revenue)),
    Object.keys(totals.refunded).length > 0 && figure("Taken back", amounts(totals.refunded)),
    figure(cost.source === "entered" ? "Cost, as entered" : "Cost of the mails", money(cost.amount, cost.currency)),
    figure("Return on cost", roi === null ? "–" : percent(roi)),
  );
}

/** What the mails did beyond what would have happened without them. */
function liftView(lift: Results["lift"]): Child {
  if (lift === null) return false;
  const { verdict, mailed, heldOut, difference } = lift;
  const shares = `${share(mailed)} of those mailed ordered, and ${share(heldOut)} of those held out.`;
  const points = (value: number) => percent(value).replace(/\s?%/, "");
  const interval =
    difference === null
      ? false
      : ` The difference is ${points(difference.value)} percentage points, between ${points(difference.low)} and ${points(difference.high)} with 95 % certainty.`;
  return h("p", {}, h("strong", {}, `Against the holdout: ${verdict}. `), shares, interval);
}

function share({ rate, ordered, n }: { readonly rate: number | null; readonly ordered: number; readonly n: number }) {
  return `${rate === null ? "–" : percent(rate)} (${count(ordered)} of ${count(n)})`;
}

const columns: readonly (readonly [name: string, cell: (counts: Counts) => Child])[] = [
  ["Sent", ({ sent }) => count(sent)],
  ["Delivered", ({ delivered, rates }) => withRate(delivered, rates.delivered)],
  ["Opened", ({ opened, rates }) => withRate(opened, rates.opened)],
  ["Clicked", ({ clicked, rates }) => withRate(clicked, rates.clicked)],
  ["Ordered", ({ converted, rates }) => withRate(converted, rates.converted)],
  ["Revenue", ({ revenue }) => amounts(revenue)],
  ["Unsubscribed", ({ unsubscribed, rates }) => withRate(unsubscribed, rates.unsubscribed)],
  ["Not sent", ({ skipped }) => notSent(skipped)],
  ["Unconfirmed", ({ unconfirmed }) => count(unconfirmed)],
];

/** How many were not sent, and why. */
function notSent(skipped: Counts["skipped"]): Child {
  const reasons = Object.entries(skipped);
  const sum = reasons.reduce((total, [, mails]) => total + mails, 0);
  return [
    count(sum),
    reasons.map(([reason, mails]) => h("span", { class: "quiet line" }, `${reason}: ${count(mails)}`)),
  ];
}

function table(lines: readonly Line[], totals: Counts): Tree {
  const cells = (counts: Counts) =>
    columns.map(([name, cell]) => h("td", { role: "cell", "data-label": name, class: "number" }, cell(counts)));
  const row = (header: Child, counts: Counts) =>
    h("tr", { role: "row" }, h("th", { scope: "row", role: "rowheader" }, header), cells(counts));
  return h(
    "table",
    { class: "cards", role: "table" },
    h("caption", { class: "hidden" }, "Results by mail"),
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        h("th", { scope: "col" }, "Mail"),
        columns.map(([name]) => h("th", { scope: "col", class: "number" }, name)),
      ),
    ),
    h(
      "tbody",
      {},
      lines.map((line) => row(lineName(line), line)),
      lines.length > 1 && row("All", totals),
    ),
  );
}

function lineName({ template, stepId, variant, version }: Line): Child {
  const [name] = (template ?? stepId ?? "?").split("@");
  const parts = [
    stepId !== undefined && `step ${stepId}`,
    variant !== undefined && variant !== "" && `variant ${variant}`,
    version !== undefined && `version ${version}`,
  ];
  return [name, h("span", { class: "quiet line" }, parts.filter((part) => part !== false).join(", "))];
}
