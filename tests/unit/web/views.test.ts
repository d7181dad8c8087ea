import { describe, expect, it } from "vitest";
import { journeyDefinitionSchema } from "../../../shared/journeys/definition.ts";
import { noCounts } from "../../../shared/results/counts.ts";
import { type Answer, type Api, ApiError } from "../../../web/api.ts";
import { frameView, problemView, signInView } from "../../../web/frame.ts";
import { journeyPage } from "../../../web/journeys/journey.ts";
import { journeyListPage } from "../../../web/journeys/list.ts";
import { resultsPage } from "../../../web/journeys/results.ts";
import { placeOfRuns, runsPage } from "../../../web/journeys/runs.ts";
import { pageAt } from "../../../web/places.ts";
import { h } from "../../../web/tree.ts";
import { count, money, percent } from "../../../web/words.ts";
import { elementsIn, noAct, textOf } from "./tree.ts";

const head = {
  id: "trial",
  name: "Trial <b>",
  state: "published",
  publishedVersion: 2,
  revision: 5,
  hasDraft: true,
  updatedAt: "2026-03-01T12:00:00.000Z",
  updatedBy: "marketer",
} as const;
const definition = journeyDefinitionSchema.parse({
  name: "Trial",
  trigger: { event: "Trial Started" },
  start: "hello",
  steps: [
    { type: "email", id: "hello", templateId: "welcome", next: "look" },
    {
      type: "waitForEvent",
      id: "look",
      for: { event: "Order Completed" },
      timeout: "P2D",
      next: "end",
      onTimeout: "again",
    },
    { type: "email", id: "again", templateId: "welcome-2", next: "end" },
    { type: "end", id: "end" },
  ],
});
const none = { entered: 0, waiting: 0, passed: 0, left: 0, failed: 0, unconfirmed: 0, skipped: {} };
const report: Answer<"/v1/journeys/{id}/report"> = {
  runs: { begun: 1234, begunLately: 35, refused: 2, active: 7, ended: { completed: 1200, exit: 27 } },
  steps: [
    {
      stepId: "hello",
      type: "email",
      ...none,
      entered: 1234,
      passed: 1228,
      unconfirmed: 2,
      skipped: { "too late": 4 },
    },
    { stepId: "gone", type: null, ...none, entered: 3, passed: 3 },
  ],
};
const answers: Readonly<Record<string, unknown>> = {
  "/v1/journeys": { items: [head], nextCursor: null },
  "/v1/journeys/{id}": {
    ...head,
    definition: { ...definition, start: "again" },
    published: definition,
    inside: { count: 1412, exact: true },
  },
  "/v1/journeys/{id}/report": report,
};
const api = { get: async (path: string) => answers[path] } as unknown as Api;

async function all<Data>(values: AsyncGenerator<Data>): Promise<readonly Data[]> {
  const kept: Data[] = [];
  for await (const value of values) kept.push(value);
  return kept;
}

describe("the list of journeys", () => {
  it("shows the names first, and the rest as it comes", async () => {
    const [first, second] = (await all(journeyListPage.load(api, undefined))).map((data) =>
      journeyListPage.view(data, noAct),
    );
    expect(textOf(first)).toContain("Trial <b>|Running|A change waits to be published|Version 2|…|…|…");
    expect(textOf(second)).toMatch(/“Trial Started” happens\|7\|35\|/);
    expect(textOf(second)).toContain("by marketer");
    expect(elementsIn(second).find(({ tag }) => tag === "a")?.attributes.href).toBe("#/journeys/trial");
  });

  it("keeps what it knew while it is read again", async () => {
    const [, known] = await all(journeyListPage.load(api, undefined));
    const [again] = await all(journeyListPage.load(api, known));
    expect(textOf(again && journeyListPage.view(again, noAct))).not.toContain("…");
  });

  it("is a table with a header for each column and line", async () => {
    const [data] = await all(journeyListPage.load(api, undefined));
    const cells = elementsIn(data && journeyListPage.view(data, noAct));
    const columns = cells.filter(({ attributes }) => attributes.scope === "col").length;
    expect(columns).toBe(cells.filter(({ tag }) => tag === "td").length + 1);
    expect(cells.filter(({ attributes }) => attributes.scope === "row")).toHaveLength(1);
    expect(cells.some(({ tag }) => tag === "caption")).toBe(true);
  });

  it("says what a journey is where there is none", () => {
    expect(textOf(journeyListPage.view({ lines: [] }, noAct))).toContain("There is no journey yet");
  });
});

describe("a journey", () => {
  const shown = async () => {
    const page = journeyPage("trial");
    const [data] = await all(page.load(api, undefined));
    return { title: page.title(data), view: data && page.view(data, noAct) };
  };

  it("shows its steps in words, each with its counts", async () => {
    const { title, view } = await shown();
    const text = textOf(view);
    expect(title).toBe("Trial <b>");
    expect(text).toMatch(
      /Entered in 30 days\|35\|Entered in all\|1.234\|Inside now\|7\|Went to the end\|1.200\|Left early\|27\|Refused: the journey was full\|2/,
    );
    expect(text).toContain("Starts when: |“Trial Started” happens");
    expect(text).toMatch(/In the segment now: 1.412\. Publishing starts it for whoever enters from then on/);
    expect(text).toMatch(
      /1\|E-mail\|Send the e-mail “welcome”\|Entered\|1.234\|Passed\|1.228\|Here now\|0\|Left out: too late\|4\|Unconfirmed\|2/,
    );
    expect(text).toMatch(/2\|Wait\|Wait until somebody orders\|For 2 days at most\|Entered\|0/);
    expect(text).toMatch(
      /When it happens\|Goes straight on\|When it has not, after 2 days\|3\|E-mail\|Send the e-mail “welcome-2”/,
    );
  });

  it("shows steps of other versions apart", async () => {
    expect(textOf((await shown()).view)).toMatch(/Steps of other versions\|.*\|gone\|Entered\|3/);
  });

  it("draws a bar that no screen reader reads, since the numbers stand below it", async () => {
    const bars = elementsIn((await shown()).view).filter(({ tag }) => tag === "svg");
    expect(bars.length).toBeGreaterThan(0);
    for (const bar of bars) expect(bar.attributes["aria-hidden"]).toBe("true");
  });
});

describe("a journey's results", () => {
  const rates = {
    delivered: 0.98,
    bounced: 0.02,
    opened: 0.5,
    clicked: 0.1,
    unsubscribed: 0,
    complained: 0,
    converted: 0.05,
  };
  const counts = { ...noCounts(), sent: 100, delivered: 98, opened: 49, clicked: 10, converted: 5, orders: 5, rates };
  const results: Answer<"/v1/journeys/{id}/results"> = {
    campaign: { type: "journey", id: "trial" },
    from: "2026-02-01",
    to: "2026-03-02",
    asOf: "2026-03-02T12:00:00.000Z",
    complete: false,
    totals: { ...counts, sent: 200, skipped: { "no consent": 7 }, unconfirmed: 3, revenue: { USD: 24950, JPY: 500 } },
    lines: [
      { ...counts, version: 2, stepId: "hello", variant: "mail", template: "welcome@3", revenue: { USD: 24950 } },
      { ...counts, version: 2, stepId: "again", template: "welcome-2@1", rates: { ...rates, opened: null } },
    ],
    lift: {
      verdict: "higher",
      mailed: { n: 1000, ordered: 60, revenue: {}, rate: 0.06 },
      heldOut: { n: 200, ordered: 6, revenue: {}, rate: 0.03 },
      difference: { value: 0.03, low: 0.001, high: 0.05 },
      relative: 1,
      revenue: null,
    },
    cost: { amount: 2, currency: "USD", source: "mail counts" },
    roi: 12.5,
  };
  const page = resultsPage("trial");

  it("show each mail with its shares, money as people write it, and the lift in words", () => {
    const text = textOf(page.view({ name: "Trial", results }, noAct));
    const shown = (...values: readonly string[]) => expect(text).toContain(values.join("|"));
    expect(text).toContain("Orders may still be credited to the newest.");
    shown("Revenue", `${money(24950, "USD")}, ${money(500, "JPY")}`, "Cost of the mails", money(2, "USD"));
    shown("Return on cost", percent(12.5));
    shown("Against the holdout: higher. ", `${percent(0.06)} (60 of ${count(1000)}) of those mailed`);
    const line = ["98", percent(0.98), "49", percent(0.5), "10", percent(0.1), "5", percent(0.05)];
    shown("welcome", "step hello, variant mail, version 2", "100", ...line, money(24950, "USD"), "0", percent(0));
    shown("welcome-2", "step again, version 2", "100", "98", percent(0.98), "49", "10");
    shown("All", "200");
    shown(percent(0), "7", `no consent: ${count(7)}`, count(3));
  });

  it("say so where no mail was asked for", () => {
    const none = { ...results, lines: [], lift: null };
    expect(textOf(page.view({ name: "Trial", results: none }, noAct))).toContain(
      "No mail was asked for from 2026-02-01",
    );
  });
});

describe("a contact's way through a journey", () => {
  const run: Answer<"/v1/journeys/{id}/runs/{contactId}">["items"][number] = {
    id: "r",
    contactId: "c",
    journeyVersion: 2,
    entryKey: "cart-7",
    rotation: 0,
    state: "active",
    stepId: "look",
    dueAt: "2026-03-03T12:00:00.000Z",
    startedAt: "2026-03-01T12:00:00.000Z",
    endedAt: null,
    endedBy: null,
    variants: {},
    log: [
      {
        stepId: "hello",
        at: "2026-03-01T12:00:00.000Z",
        leftAt: "2026-03-01T12:00:01.000Z",
        outcome: "skipped",
        reason: "too late",
      },
      { stepId: "look", at: "2026-03-01T12:00:01.000Z" },
    ],
  };
  const page = runsPage("trial", "ada@shop.example");
  const journey = { ...head, definition, published: definition, inside: null } as const;

  it("tells which step was reached when, and why it was left", () => {
    const text = textOf(page.view({ journey, email: "ada@shop.example", runs: [run] }, noAct));
    expect(text).toMatch(/Entered .*, about cart-7\|Inside now; goes on .* at the latest\|Version 2/);
    expect(text).toMatch(
      /Send the e-mail “welcome”\|.*\|.*\|Left out: too late\|Wait until somebody orders\|.*\|Here now\|Waits/,
    );
  });

  it("says so where there is none, or no such contact", async () => {
    expect(textOf(page.view({ journey, email: "", runs: [] }, noAct))).toBe("Has not entered “Trial <b>”.");
    const nobody = { get: async (path: string) => (path === "/v1/contacts" ? { items: [] } : answers[path]) };
    await expect(all(page.load(nobody as unknown as Api, undefined))).rejects.toMatchObject({
      title: "Nobody has this address",
    });
  });

  it("is found by an address, whatever stands in it", () => {
    const place = placeOfRuns("trial", "a/b+c%@shop.example");
    expect(pageAt(place)?.((found) => found.title(undefined))).toBe("a/b+c%@shop.example");
    expect(pageAt("/journeys/trial/contacts/%E0")?.((found) => found.title(undefined))).toBe("%E0");
  });
});

describe("what stands around a page", () => {
  const frame = { publicName: "Harbour", person: "Ada", place: "/journeys", title: "Journeys", body: "…" };

  it("has one heading, a way to skip, and where nobody is signed in nothing but that", () => {
    const inside = frameView({ ...frame, signOut: () => undefined });
    expect(elementsIn(inside).filter(({ tag }) => tag === "h1")).toHaveLength(1);
    expect(textOf(inside)).toBe(
      "Skip to the content|Rapport|Harbour|Journeys|Broadcasts|KPIs|Reviews|Actions|Ada|Sign out|Journeys|…",
    );
    expect(elementsIn(inside).filter(({ attributes }) => attributes["aria-current"] === "page")).toHaveLength(1);
    expect(textOf(frameView({ ...frame, person: undefined }))).toBe("Skip to the content|Rapport|Harbour|Journeys|…");
  });

  it.each([
    [new ApiError(401, "You are signed out", "Sign in again.", "c-1"), "You are signed out|Sign in again.|Sign in"],
    [
      new ApiError(403, "You may not see this", "This needs one of the roles admin.", "c-1"),
      "You may not see this|This needs one of the roles admin.",
    ],
    [
      new ApiError(500, "Something went wrong", "Try again.", "c-1"),
      "Something went wrong|Try again.|Support finds it by this number: |c-1|Try again",
    ],
    [new ApiError(0, "No connection", "Look at it."), "No connection|Look at it.|Try again"],
  ])("tells of %s what to do", (error, words) => {
    const view = problemView(error, { signIn: () => undefined, again: () => undefined });
    expect(textOf(view)).toBe(words);
    expect(elementsIn(view)[0]?.attributes.role).toBe("alert");
  });

  it("asks to sign in, and says what went wrong with it before", () => {
    expect(textOf(signInView({ signIn: () => undefined, message: "Refused." }))).toMatch(/^Refused\.\|.*\|Sign in$/);
  });
});

describe("a place", () => {
  it.each([
    ["", "Journeys"],
    ["/", "Journeys"],
    ["/journeys", "Journeys"],
    ["/journeys/welcome", "Journey"],
    ["/journeys/welcome/results", "Results"],
    ["/journeys/../../x", undefined],
    ["/nowhere", undefined],
  ])("%s is the page %s", (place, title) => {
    expect(pageAt(place)?.((page) => page.title(undefined))).toBe(title);
  });
});

describe("markup", () => {
  it("keeps text as text, joins what stands side by side, and leaves out what is nothing", () => {
    const view = h(
      "p",
      { id: "x", hidden: true, title: undefined, click: () => undefined },
      "a",
      1,
      undefined,
      ["<b>", false],
      h("b"),
    );
    expect(view).toMatchObject({ attributes: { id: "x", hidden: "" }, children: ["a1<b>", { tag: "b" }] });
    expect(Object.keys(view.listeners)).toEqual(["click"]);
  });
});
