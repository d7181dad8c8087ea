import { actionListPage } from "./actions/list.ts";
import { states } from "./actions/words.ts";
import { broadcastListPage } from "./broadcasts/list.ts";
import { journeyPage } from "./journeys/journey.ts";
import { journeyListPage } from "./journeys/list.ts";
import { resultsPage } from "./journeys/results.ts";
import { runsPage } from "./journeys/runs.ts";
import { kpiListPage } from "./kpis/list.ts";
import { kinds } from "./kpis/words.ts";
import { type AnyPage, anyPage } from "./page.ts";
import { reviewListPage } from "./reviews/list.ts";
import { reviewPage } from "./reviews/review.ts";

const places: readonly (readonly [pattern: RegExp, page: (...parts: readonly string[]) => AnyPage])[] = [
  [/^\/?$/, () => anyPage(journeyListPage)],
  [/^\/broadcasts$/, () => anyPage(broadcastListPage)],
  [/^\/kpis(?:\/(\w+))?$/, (kind) => kpisOf(kind)],
  [/^\/reviews$/, () => anyPage(reviewListPage)],
  [/^\/reviews\/([\w-]+)$/, (id = "") => anyPage(reviewPage(id))],
  [/^\/actions(?:\/(\w+))?$/, (state) => actionsOf(state)],
  [/^\/journeys$/, () => anyPage(journeyListPage)],
  [/^\/journeys\/([\w-]+)\/contacts\/([^/]+)$/, (id = "", email = "") => anyPage(runsPage(id, decode(email)))],
  [/^\/journeys\/([\w-]+)\/results$/, (id = "") => anyPage(resultsPage(id))],
  [/^\/journeys\/([\w-]+)$/, (id = "") => anyPage(journeyPage(id))],
];

/** The page of a place, which is the part of the address after `#`; undefined when there is none. */
export function pageAt(place: string): AnyPage | undefined {
  for (const [pattern, page] of places) {
    const match = pattern.exec(place);
    if (match !== null) return page(...match.slice(1));
  }
  return undefined;
}

/** An unknown kind of period is the month. */
function kpisOf(kind: string | undefined): AnyPage {
  return anyPage(kpiListPage(kinds.find(([each]) => each === kind)?.[0] ?? "month"));
}

/** An unknown state is that of what is to be done. */
function actionsOf(state: string | undefined): AnyPage {
  return anyPage(actionListPage(states.find(([each]) => each === state)?.[0] ?? "open"));
}

/** A part of an address that somebody typed need not be encoded well. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
