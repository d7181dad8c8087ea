import type { Page } from "../page.ts";
import { type Child, h } from "../tree.ts";
import {
  basisWords,
  changeWords,
  historyWords,
  type Kind,
  type KpiHistory,
  type KpiLine,
  kinds,
  statusWords,
  valueWords,
} from "./words.ts";

interface Data {
  readonly lines: readonly KpiLine[];
  readonly history: KpiHistory;
}

/** The KPIs of one period against their targets: how each stands, whose it is, and how it came there. */
export function kpiListPage(kind: Kind): Page<Data> {
  return {
    title: () => "KPIs",
    refreshSeconds: 60,
    async *load(api) {
      const [{ items }, history] = await Promise.all([
        api.get("/v1/kpis", {}, { period: kind }),
        api.get("/v1/kpi-history"),
      ]);
      yield { lines: items, history };
    },
    view: ({ lines, history }) => {
      const [known, unknown] = [lines.filter(isKnown), lines.filter((line) => !isKnown(line))];
      return [
        h(
          "nav",
          { "aria-label": "Period", class: "choice" },
          kinds.map(([each, words]) =>
            h("a", { href: `#/kpis/${each}`, "aria-current": each === kind && "true" }, words),
          ),
        ),
        progress(history),
        lines.every(({ n, trend }) => n === 0 && trend.every(({ value }) => value === null || value === 0)) &&
          nothingYet(),
        h("ul", { class: "kpis" }, known.map(card)),
        known.some(({ target }) => target === null) &&
          h("p", { class: "quiet" }, "A manager sets the target of a KPI by PUT /v1/targets."),
        unknown.length > 0 && uncounted(unknown),
      ];
    },
  };
}

/** How far the past of KPIs that are new or have changed is counted, while that goes on. */
function progress(history: KpiHistory): Child {
  const going = historyWords(history);
  if (going === undefined) return undefined;
  const { words, done, of } = going;
  return h(
    "div",
    { class: "progress", role: "status" },
    h("p", {}, words),
    h("progress", { max: of, value: done, "aria-hidden": "true" }),
  );
}

/** Whether there is something to show of a KPI: a figure in any period of its trend, or a target that waits for one. */
function isKnown({ value, trend, target }: KpiLine): boolean {
  return value !== null || target !== null || trend.some((point) => point.value !== null);
}

/** The KPIs that have nothing to count from yet, each with what it is counted from. */
function uncounted(lines: readonly KpiLine[]): Child {
  return h(
    "section",
    {},
    h("h2", {}, "Nothing to count from yet"),
    h(
      "ul",
      { class: "uncounted" },
      lines.map(({ title, definition }) =>
        h("li", {}, h("details", {}, h("summary", {}, title), h("p", {}, definition))),
      ),
    ),
  );
}

function nothingYet(): Child {
  return h(
    "p",
    { class: "empty" },
    "Nothing has been counted yet. Post a lead or an order: an hour later, at the latest, it is in these numbers.",
  );
}

function card(line: KpiLine): Child {
  const { title, definition, value, target, status, trend } = line;
  const change = changeWords(line);
  const basis = basisWords(line);
  return h(
    "li",
    { class: "card kpi" },
    h("h2", {}, title),
    h("p", { class: "value" }, valueWords(line, value), basis !== "" && h("span", { class: "quiet line" }, basis)),
    h(
      "p",
      {},
      h("span", { class: `standing ${status.replaceAll(" ", "-")}` }, statusWords(line)),
      target !== null &&
        h(
          "span",
          { class: "quiet line" },
          `Target ${valueWords(line, target.target)} in the ${target.period}, ${target.owner.name}`,
        ),
    ),
    sparkline(line, trend),
    change !== undefined && h("p", { class: "quiet" }, change),
    h("details", {}, h("summary", {}, "How it is counted"), h("p", {}, definition)),
  );
}

const width = 120;
const height = 32;

/** The trend as a line; a period that still runs is a ring, not a dot. What it shows is said in words for who cannot see it. */
function sparkline(line: KpiLine, trend: KpiLine["trend"]): Child {
  const known = trend.filter(({ value }) => value !== null);
  const values = known.map(({ value }) => value ?? 0);
  const [first, last] = [known[0], known.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const [least, most] = [Math.min(0, ...values), Math.max(...values)];
  const x = (index: number) => 3 + (index / Math.max(1, trend.length - 1)) * (width - 6);
  const y = (value: number) => height - 4 - ((value - least) / (most - least || 1)) * (height - 8);
  const points = trend.flatMap(({ value }, index) =>
    value === null ? [] : [`${x(index).toFixed(1)},${y(value).toFixed(1)}`],
  );
  const [cx = "0", cy = "0"] = points.at(-1)?.split(",") ?? [];
  const said = `From ${valueWords(line, first.value)} (${first.start}) to ${valueWords(line, last.value)} (${last.start}); at most ${valueWords(line, most)}.`;
  return h(
    "svg",
    { class: "sparkline", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": said },
    h("polyline", { points: points.join(" ") }),
    h("circle", { cx, cy, r: "2.5", class: last.complete ? "known" : "running" }),
  );
}
