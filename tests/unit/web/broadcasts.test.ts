import { describe, expect, it } from "vitest";
import { noCounts } from "../../../shared/results/counts.ts";
import type { Answer, Api } from "../../../web/api.ts";
import { broadcastListPage as page } from "../../../web/broadcasts/list.ts";
import { type Broadcast, stateWords } from "../../../web/broadcasts/words.ts";
import { pageAt } from "../../../web/places.ts";
import { count, moment, money, percent } from "../../../web/words.ts";
import { elementsIn, noAct, textOf } from "./tree.ts";

const at = "2026-03-01T12:00:00.000Z";
const walk = { shards: 4, shardsDone: 4, queued: 900, heldOut: 100 };

function broadcast(more: Partial<Broadcast>): Broadcast {
  const changed = { createdAt: at, updatedAt: at, updatedBy: "mia", version: 2 };
  const draft = { name: "Spring <b>", segmentId: "active", variants: [], holdoutPercent: 10, data: {} };
  const times = { startsAt: null, local: null, endedAt: null, walk: null, mailsPerHour: null };
  return { id: "spring", state: "draft", ...draft, ...changed, ...times, ...more };
}

const progress = {
  members: 2000,
  queued: 1900,
  heldOut: 100,
  waiting: 0,
  sent: 1869,
  failed: 2,
  unconfirmed: 0,
  skipped: { "no consent": 26, "frequency cap": 3 },
  variants: {},
} satisfies Answer<"/v1/broadcasts/{id}">["progress"];
const rates = {
  delivered: 0.98,
  bounced: 0.02,
  opened: 0.5,
  clicked: null,
  unsubscribed: 0,
  complained: 0,
  converted: 0.05,
};
const totals = { ...noCounts(), opened: 435, clicked: 0, converted: 43, revenue: { USD: 24950 }, rates };

/** A staff API with these broadcasts, and what was asked of it. */
function apiWith(items: readonly Broadcast[], nextCursor: string | null = null) {
  const asked: string[] = [];
  const get = async (path: string, params: Record<string, string> = {}, query: Record<string, string> = {}) => {
    asked.push([path.replace("{id}", params.id ?? ""), ...Object.values(query)].join(" "));
    if (path === "/v1/broadcasts") return { items, nextCursor };
    if (path.endsWith("/results")) return { totals };
    return { ...items.find(({ id }) => id === params.id), progress };
  };
  return { api: { get } as unknown as Api, asked };
}

async function all<Data>(values: AsyncGenerator<Data>): Promise<readonly Data[]> {
  const kept: Data[] = [];
  for await (const value of values) kept.push(value);
  return kept;
}

const sent = broadcast({ state: "sent", startsAt: at, endedAt: "2026-03-01T13:00:00.000Z", walk });

describe("the list of broadcasts", () => {
  it("shows names and states first, then what became of the mails, and what they led to", async () => {
    const [first, second] = (await all(page.load(apiWith([sent]).api, undefined))).map((data) =>
      page.view(data, noAct),
    );
    const head = `Spring <b>|To the segment “active”|Sent|${moment("2026-03-01T13:00:00.000Z")}`;
    expect(textOf(first)).toContain(`${head}|…|…|…|…|…`);
    const cells = ["435", percent(0.5), "0", "43", percent(0.05), money(24950, "USD")];
    const words = "29 left out, 2 failed, 100 held out";
    expect(textOf(second)).toContain([head, `${count(1869)} of ${count(1900)}`, words, ...cells].join("|"));
  });

  it("asks for the days since its start only, and counts the mails of one that is sent once", async () => {
    const { api, asked } = apiWith([sent]);
    const known = (await all(page.load(api, undefined))).at(-1);
    expect(asked).toEqual([
      "/v1/broadcasts 25",
      "/v1/broadcasts/spring",
      "/v1/broadcasts/spring/results 2026-02-28 2027-04-03",
    ]);
    const again = (await all(page.load(api, known))).at(-1);
    expect(asked.slice(3)).toEqual(["/v1/broadcasts 25", "/v1/broadcasts/spring/results 2026-02-28 2027-04-03"]);
    expect(again).toEqual(known);
  });

  it("counts anew what goes on, and one that has ended since", async () => {
    const sending = broadcast({ state: "sending", startsAt: at, walk: { ...walk, shardsDone: 1 } });
    const before = (await all(page.load(apiWith([sending]).api, undefined))).at(-1);
    expect(textOf(before && page.view(before, noAct))).toContain(`${count(1869)} of ${count(1900)} so far|`);
    const { api, asked } = apiWith([sent]);
    await all(page.load(api, before));
    expect(asked).toContain("/v1/broadcasts/spring");
  });

  it.each([
    broadcast({}),
    broadcast({ state: "scheduled", startsAt: at, walk }),
    broadcast({ state: "cancelled", endedAt: at }),
  ])("asks for no counts of what has not begun: $state", async (unbegun) => {
    const { api, asked } = apiWith([unbegun]);
    const [data, more] = await all(page.load(api, undefined));
    expect([asked, more]).toEqual([["/v1/broadcasts 25"], undefined]);
    expect(textOf(data && page.view(data, noAct))).toMatch(/\|–\|–\|–\|–\|–$/);
  });

  it("is a table with a header for each column and line, and bars that no screen reader reads", async () => {
    const data = (await all(page.load(apiWith([sent]).api, undefined))).at(-1);
    const elements = elementsIn(data && page.view(data, noAct));
    const columns = elements.filter(({ attributes }) => attributes.scope === "col").length;
    expect(columns).toBe(elements.filter(({ tag }) => tag === "td").length + 1);
    expect(elements.filter(({ attributes }) => attributes.scope === "row")).toHaveLength(1);
    expect(elements.some(({ tag }) => tag === "caption")).toBe(true);
    expect(elements.filter(({ tag }) => tag === "svg").map(({ attributes }) => attributes["aria-hidden"])).toEqual([
      "true",
    ]);
  });

  it("says when there are older ones, and what a broadcast is where there is none", async () => {
    const [many] = await all(page.load(apiWith([broadcast({})], "next").api, undefined));
    expect(textOf(many && page.view(many, noAct))).toContain("These are the newest 25.");
    expect(textOf(page.view({ lines: [], more: false }, noAct))).toMatch(
      /There is no broadcast yet\..*POST \/v1\/broadcasts/,
    );
  });

  it("stands at its own place", () => {
    expect(pageAt("/broadcasts")?.((found) => found.title(undefined))).toBe("Broadcasts");
  });
});

describe("a broadcast's state", () => {
  const local = { date: "2026-12-01", time: "09:00", late: "nextDay" } as const;
  it.each([
    [{ state: "draft" }, "Draft", "Sends nothing until it is sent or scheduled"],
    [{ state: "scheduled", startsAt: at }, "Scheduled", `Starts ${moment(at)}`],
    [{ state: "scheduled", startsAt: at, local }, "Scheduled", "For 2026-12-01, 09:00 by each reader’s clock"],
    [{ state: "sending", startsAt: at }, "Sending", `Since ${moment(at)}`],
    [{ state: "paused", startsAt: at }, "Paused", "Sends nothing until it is resumed"],
    [{ state: "sent", startsAt: at, endedAt: at }, "Sent", moment(at)],
    [{ state: "cancelled", endedAt: at }, "Cancelled", moment(at)],
  ] as const)("%j: %s", (more, state, note) => {
    expect(stateWords(broadcast(more))).toEqual({ state, note });
  });
});
