import { describe, expect, it } from "vitest";
import { actionListPage } from "../../../web/actions/list.ts";
import { type Action, lateWords } from "../../../web/actions/words.ts";
import type { Act, Api } from "../../../web/api.ts";
import { pageAt } from "../../../web/places.ts";
import { reviewListPage } from "../../../web/reviews/list.ts";
import { reviewPage } from "../../../web/reviews/review.ts";
import { outcomeWords, type Review, type ReviewHead, stateWords } from "../../../web/reviews/words.ts";
import { day } from "../../../web/words.ts";
import { elementsIn, noAct, textOf } from "./tree.ts";

const at = "2026-10-01T07:00:00.000Z";
const today = "2026-11-20";
const pat = { name: "Pat <b>", email: "pat@example.com" };
const action: Action = {
  id: "theme.price.0123456789abcdef0123",
  what: "Compare <i>prices",
  owner: pat,
  dueOn: "2026-11-17",
  notes: "Three shops.",
  state: "open",
  origin: { kind: "theme", theme: "price", period: "quarter", start: "2026-07-01" },
  missedOn: [],
  closedAt: null,
  ...{ createdAt: at, createdBy: "mia", updatedAt: at, updatedBy: "mia" },
  version: 3,
};
const promised: Action = { ...action, origin: { kind: "review", review: "quarter-2026-04-01" }, what: "Answer faster" };
const head: ReviewHead = {
  id: "quarter-2026-07-01",
  title: "Q3 2026",
  ...{ period: "quarter", start: "2026-07-01", end: "2026-10-01", state: "open" },
  ...{ learnt: "Carts <u>matter", decided: "", openedAt: at, closeBy: "2026-10-15" },
  ...{ closedAt: null, closedBy: null, targets: [], recipients: [], version: 4, updatedAt: at, updatedBy: null },
};
const figure: Review["gathered"]["kpis"][number] = {
  kpi: "net-revenue",
  title: "Net revenue",
  ...{
    format: "money",
    currency: "EUR",
    direction: "up",
    version: 1,
    value: 120_000,
    n: 9,
    leftOut: 0,
    complete: true,
  },
  ...{
    target: 150_000,
    owner: pat,
    status: "missed",
    previous: { start: "2026-04-01", value: 90_000 },
    change: 30_000,
  },
};
const theme = { theme: "price", title: "Price", count: 4, share: 0.4, previousShare: 0.1, p: 0.01, significant: true };
const review: Review = {
  ...head,
  gathered: {
    asOf: at,
    kpis: [figure, { ...figure, kpi: "deals", value: null, target: null, owner: null, previous: null }],
    themes: {
      ...{ comments: 10, previousComments: 8, truncated: false },
      items: [
        { ...theme, meanSentiment: -0.4 },
        { ...theme, theme: "size", title: "Size", count: 0, meanSentiment: null },
      ],
    },
    openActions: { items: [action], truncated: false },
    promises: { review: "quarter-2026-04-01", items: [{ ...promised, state: "done", outcome: "late" }] },
  },
  lateFigures: [{ kpi: "net-revenue", value: 121_000, asOf: at }],
  actions: [
    {
      ...promised,
      origin: { kind: "review", review: head.id },
      what: "Send reminders",
      id: "review.quarter-2026-07-01.0",
    },
  ],
};

/** A staff API that answers with this, and what was asked of it. */
function apiWith(answer: unknown) {
  const asked: unknown[][] = [];
  const call =
    (name: string) =>
    async (...args: unknown[]) => {
      asked.push([name, ...args]);
      return answer;
    };
  return { api: { get: call("get"), send: call("send") } as unknown as Api, asked };
}

describe("the page of actions", () => {
  const page = actionListPage("open");
  const data = { items: [action], hasMore: false, today };

  it("asks for those of one state, by the address", async () => {
    for (const [place, state] of [
      ["/actions", "open"],
      ["/actions/done", "done"],
      ["/actions/nothing", "open"],
    ]) {
      const { api, asked } = apiWith({ items: [], nextCursor: null });
      await pageAt(place ?? "")?.((found) => found.load(api, undefined).next());
      expect(asked).toEqual([["get", "/v1/actions", {}, { state, limit: "100" }]]);
    }
  });

  it("shows each with its owner, due day, how late it is and what it is about, markup as text", () => {
    const said = textOf(page.view(data, noAct));
    expect(said).toContain(
      `Compare <i>prices|Three shops.|Pat <b>|${day("2026-11-17")}|3 days late|Theme “price”|Done|Drop`,
    );
    const links = elementsIn(page.view({ ...data, items: [promised] }, noAct)).map(({ attributes }) => attributes.href);
    expect(links).toContain("#/reviews/quarter-2026-04-01");
  });

  it("changes the state from the version that was read, and leaves the rest", async () => {
    const { api, asked } = apiWith(undefined);
    const works: Parameters<Act>[0][] = [];
    const buttons = elementsIn(page.view(data, (work) => void works.push(work))).filter(({ tag }) => tag === "button");
    expect(buttons.map(({ attributes }) => attributes["aria-label"])).toEqual([
      "Done: Compare <i>prices",
      "Drop: Compare <i>prices",
    ]);
    buttons[0]?.listeners.click?.({} as Event);
    for (const work of works) await work(api);
    const { what, owner, dueOn, notes, id } = action;
    expect(asked).toEqual([
      ["send", "PUT", "/v1/actions/{id}", { id }, { what, owner, dueOn, notes, state: "done" }, { version: 3 }],
    ]);
    const closed = page.view({ ...data, items: [{ ...action, state: "done", closedAt: at }] }, noAct);
    expect(textOf(closed)).toMatch(/\|Open again$/);
    expect(textOf(closed)).not.toContain("late");
  });

  it("says what to do where there is none", () => {
    expect(textOf(page.view({ ...data, items: [] }, noAct))).toContain("Nothing is to be done.");
    expect(textOf(actionListPage("done").view({ ...data, items: [] }, noAct))).toContain("Nothing has been done yet.");
  });

  it.each([
    ["2026-11-20", undefined],
    ["2026-11-19", "since yesterday"],
    ["2026-10-20", "31 days late"],
  ])("due on %s is late: %s", (dueOn, words) => {
    expect(lateWords({ state: "open", dueOn }, today)).toBe(words);
    expect(lateWords({ state: "dropped", dueOn }, today)).toBeUndefined();
  });
});

describe("the pages of reviews", () => {
  it("lists them with state and by when, and leads to each", () => {
    const view = reviewListPage.view({ items: [head], today }, noAct);
    expect(textOf(view)).toContain(`Open|Was to be closed by ${day("2026-10-15")}|Carts <u>matter|–`);
    expect(elementsIn(view).map(({ attributes }) => attributes.href)).toContain("#/reviews/quarter-2026-07-01");
    expect(textOf(reviewListPage.view({ items: [], today }, noAct))).toContain("There is no review yet.");
  });

  it("says by when a review is to be closed, or who closed it", () => {
    expect(stateWords(head, "2026-10-15")).toMatchObject({ state: "Open", isLate: false });
    const closed = { ...head, state: "closed", closedAt: at, closedBy: "mia" } as const;
    expect(stateWords(closed, today)).toMatchObject({ state: "Closed", note: expect.stringMatching(/ by mia$/) });
  });

  const page = reviewPage("quarter-2026-07-01");

  it("shows KPIs against targets, what people said, promises and what became of them", () => {
    const said = textOf(page.view({ review, today }, noAct));
    expect(page.title({ review, today })).toBe("Review of Q3 2026");
    expect(said).toContain("Net revenue|EUR 1,200.00|EUR 1,210.00 by now|EUR 1,500.00|Pat <b>|✕ Missed|EUR 900.00");
    expect(said).toContain("nothing had come in for 1 other KPI.");
    expect(said).toMatch(/Price\|4\|40.?%\|more than chance explains\|10.?%/);
    expect(said).not.toContain("Size");
    expect(said).toMatch(/Answer faster\|.*▲ Done late/);
    expect(said).toMatch(/Send reminders.*Compare <i>prices: Pat <b>/);
  });

  it("takes what was learnt and decided, a promise, and the close, each from the version that was read", async () => {
    const { api, asked } = apiWith(undefined);
    const works: Parameters<Act>[0][] = [];
    const elements = elementsIn(page.view({ review, today }, (work) => void works.push(work)));
    expect(textOf(elements.find(({ attributes }) => attributes.id === "learnt"))).toBe("Carts <u>matter");
    const close = elements.find(({ children }) => children[0] === "Close it, targets stay");
    close?.listeners.click?.({} as Event);
    for (const work of works) await work(api);
    expect(asked).toEqual([["send", "POST", "/v1/reviews/{id}/close", { id: head.id }, {}, { version: 4 }]]);
    const labels = elements.filter(({ tag }) => tag === "label").map(({ attributes }) => attributes.for);
    const fields = elements.filter(({ tag }) => tag === "input" || tag === "textarea");
    expect(labels.sort()).toEqual(fields.map(({ attributes }) => attributes.id).sort());
  });

  it("of a closed one shows what was made of it, and changes nothing", () => {
    const targets = [{ kpi: "orders", period: "quarter", target: 900 }] as const;
    const closed: Review = { ...review, state: "closed", closedAt: at, closedBy: "mia", targets: [...targets] };
    const view = page.view({ review: closed, today }, noAct);
    expect(textOf(view)).toMatch(/What we learnt\|Carts <u>matter\|.*Nothing was written\..*orders, quarter: 900/);
    expect(elementsIn(view).some(({ tag }) => tag === "form" || tag === "button")).toBe(false);
  });

  it("reads well where nothing has come in", () => {
    const none = { ...review.gathered, kpis: [], themes: { ...review.gathered.themes, comments: 0, items: [] } };
    const gathered = { ...none, promises: { review: null, items: [] }, openActions: { items: [], truncated: false } };
    const said = textOf(page.view({ review: { ...review, gathered, actions: [], lateFigures: [] }, today }, noAct));
    for (const words of ["Nobody said anything", "first review of its kind", "Nothing has been promised yet."])
      expect(said).toContain(words);
  });

  it("gives each outcome a shape of its own", () => {
    const all = (["kept", "late", "dropped", "open"] as const).map((outcome) => outcomeWords({ outcome }).charAt(0));
    expect(new Set(all).size).toBe(4);
  });
});
