import { journeyPage } from "./journeys/journey.ts";
import { journeyListPage } from "./journeys/list.ts";
import { type AnyPage, anyPage } from "./page.ts";

const places: readonly (readonly [pattern: RegExp, page: (...parts: readonly string[]) => AnyPage])[] = [
  [/^\/?$/, () => anyPage(journeyListPage)],
  [/^\/journeys$/, () => anyPage(journeyListPage)],
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
