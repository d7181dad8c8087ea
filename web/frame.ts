import type { ApiError } from "./api.ts";
import { type Child, h, type Tree } from "./tree.ts";
import { clockTime } from "./words.ts";

/** What stands around every page. */
export interface Frame {
  readonly publicName: string;
  /** Who is signed in. */
  readonly person: string | undefined;
  readonly signOut?: (() => void) | undefined;
  /** Where the page stands: the part of the address after `#`. */
  readonly place: string;
  readonly title: string;
  readonly trail?: readonly { readonly title: string; readonly place: string }[] | undefined;
  /** When what is shown was read, and how to read it again. */
  readonly reading?: {
    readonly at: number | undefined;
    readonly isReading: boolean;
    readonly refresh: () => void;
    readonly everySeconds: number;
  };
  readonly body: Child;
}

const sections: readonly { readonly title: string; readonly place: string }[] = [
  { title: "Journeys", place: "/journeys" },
  { title: "Broadcasts", place: "/broadcasts" },
  { title: "KPIs", place: "/kpis" },
  { title: "Reviews", place: "/reviews" },
  { title: "Actions", place: "/actions" },
];

export function frameView({ publicName, person, signOut, place, title, trail = [], reading, body }: Frame): Tree[] {
  return [
    h("a", { class: "skip", href: "#main", click: toMain }, "Skip to the content"),
    h(
      "header",
      { class: "top" },
      h("p", { class: "brand" }, h("strong", {}, "Rapport"), h("span", { class: "quiet" }, publicName)),
      signOut !== undefined &&
        h(
          "nav",
          { "aria-label": "Sections" },
          sections.map((section) =>
            h(
              "a",
              {
                href: `#${section.place}`,
                "aria-current": place === section.place ? "page" : place.startsWith(`${section.place}/`) && "true",
              },
              section.title,
            ),
          ),
        ),
      signOut !== undefined &&
        h(
          "p",
          { class: "person" },
          person !== undefined && h("span", { class: "quiet" }, person),
          h("button", { type: "button", class: "plain", click: signOut }, "Sign out"),
        ),
    ),
    h(
      "main",
      { id: "main", tabindex: -1 },
      trail.length > 0 &&
        h(
          "nav",
          { "aria-label": "Way here", class: "trail" },
          trail.map(({ title, place }) => link(title, place)),
        ),
      h("div", { class: "head" }, h("h1", {}, title), reading !== undefined && readingView(reading)),
      h("div", { class: "body" }, body),
    ),
  ];
}

function readingView({ at, isReading, refresh, everySeconds }: NonNullable<Frame["reading"]>): Tree {
  const unread = isReading ? "Reading …" : "Could not be read";
  const words = at === undefined ? unread : `As of ${clockTime(at)}, read again every ${everyWords(everySeconds)}`;
  return h(
    "p",
    { class: "reading" },
    h("span", { class: "quiet" }, words),
    h("button", { type: "button", click: refresh }, "Refresh"),
  );
}

function everyWords(seconds: number): string {
  return seconds > 60 ? `${seconds / 60} minutes` : `${seconds} seconds`;
}

/** The page for somebody who has not signed in, or not any more. */
export function signInView({ message, signIn }: { message?: string | undefined; signIn: () => void }): Child {
  return h(
    "div",
    { class: "welcome" },
    message !== undefined && h("p", { role: "alert", class: "problem" }, message),
    h(
      "p",
      {},
      "Sign in to see your journeys and how people move through them, what became of your broadcasts, your KPIs, and what you make of them.",
    ),
    h("button", { type: "button", class: "main", click: signIn }, "Sign in"),
  );
}

/** What went wrong, and what to do about it. */
export function problemView(error: ApiError, { signIn, again }: { signIn: () => void; again: () => void }): Child {
  const { status, title, message, correlationId } = error;
  return h(
    "div",
    { role: "alert", class: "problem" },
    h("h2", {}, title),
    h("p", {}, message),
    correlationId !== undefined &&
      status >= 500 &&
      !message.includes(correlationId) &&
      h("p", {}, "Support finds it by this number: ", h("code", {}, correlationId)),
    status === 401
      ? h("button", { type: "button", class: "main", click: signIn }, "Sign in")
      : status !== 403 && status !== 404 && h("button", { type: "button", click: again }, "Try again"),
  );
}

/** Holds the place of what is still being read. */
export function waitingView(): Child {
  return h("p", { class: "waiting", role: "status" }, "Reading …");
}

function link(title: string, place: string): Tree {
  return h("a", { href: `#${place}` }, title);
}

function toMain(event: Event): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}
