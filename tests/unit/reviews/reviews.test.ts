import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { receivedFeedback } from "../../../shared/feedback/feedback.ts";
import { putFeedback } from "../../../shared/feedback/feedback-store.ts";
import { putTarget, readTarget, readTargetHistory } from "../../../shared/kpis/target-store.ts";
import { openReviews } from "../../../shared/reviews/open-store.ts";
import {
  closingSchema,
  type Gathered,
  gatheredSchema,
  openedReview,
  reviewInputSchema,
} from "../../../shared/reviews/review.ts";
import { reviewOpenedStage } from "../../../shared/reviews/review-stages.ts";
import { closeReview, openReview, readGathered, readReview } from "../../../shared/reviews/review-store.ts";
import { scheduleInputSchema } from "../../../shared/reviews/schedule.ts";
import type { Table } from "../../../shared/table/client.ts";
import { clearDirty, markDirty, readDirty } from "../../../shared/table/dirty-store.ts";
import { crashing } from "../../support/crashing.ts";
import { engine } from "../../support/engine.ts";
import { settle } from "../../support/settle.ts";
import { createTestTable } from "../../support/table.ts";
import { itemsOf } from "../../support/table-contents.ts";
import { company, kpis, manager, mia, request, timeZone } from "./support.ts";

let table: Table;
let ours: ReturnType<typeof company>;
beforeEach(async () => {
  table = await createTestTable(engine.url);
  ours = company(table);
  ours.clock.at = "2026-09-30T12:00:00.000Z";
});

const q3 = "quarter-2026-07-01";
const revenue = { kpi: "net-revenue", period: "quarter" } as const;
const mine = { owner: mia, version: 1, updatedAt: "2026-07-01T10:00:00.000Z", updatedBy: "x" };
const setTarget = (kpi: string, target: number) => putTarget(table, { ...mine, kpi, period: "quarter", target });

/** A quarter with one order, and the review of it, opened at 6 o'clock in Berlin. */
async function opened(): Promise<void> {
  await setTarget("net-revenue", 2000);
  await setTarget("orders", 1);
  await ours.sold("2026-08-10T10:00:00.000Z", 1000);
  ours.clock.at = "2026-10-01T04:00:00.000Z";
  await ours.follow();
}

/** The same review with nothing in it. */
async function openedDirectly(): Promise<void> {
  ours.clock.at = "2026-10-01T04:00:00.000Z";
  const about = { at: ours.clock.at, today: "2026-10-01", daysToClose: 14, recipients: [manager] };
  const review = openedReview({ kind: "quarter", start: "2026-07-01", end: "2026-10-01" }, about);
  const themes = { comments: 0, previousComments: 0, truncated: false, items: [] };
  const rest = { openActions: { items: [], truncated: false }, promises: { review: null, items: [] } };
  await openReview(table, review, { asOf: ours.clock.at, kpis: [], themes, ...rest });
}

async function gatheredOf(id: string): Promise<Gathered> {
  return gatheredSchema.parse(await readGathered(table, id));
}
const standings = ({ kpis: of }: Gathered) => of.map(({ kpi, value, target, status }) => [kpi, value, target, status]);
const viewSchema = z.looseObject({
  version: z.number(),
  state: z.string(),
  gathered: gatheredSchema,
  lateFigures: z.array(z.object({ kpi: z.string(), value: z.nullable(z.number()), asOf: z.nullable(z.string()) })),
  actions: z.array(z.object({ what: z.string() })),
});
const shown = async (id: string) => viewSchema.parse((await ours.reviews.getReview(request({ id }))).body);

describe("a review", () => {
  it("opens once, on the first morning after its period, with its figures against their targets", async () => {
    await setTarget("net-revenue", 2000);
    await setTarget("orders", 1);
    await ours.sold("2026-08-10T10:00:00.000Z", 1000);
    const opening = [];
    // 5:59 in Berlin, 6:00, an hour and a day later
    for (const at of ["01T03:59", "01T04:00", "01T05:00", "02T04:00"]) {
      ours.clock.at = `2026-10-${at}:00.000Z`;
      opening.push((await ours.follow()).reviews);
    }
    expect(opening).toEqual([0, 1, 0, 0]);
    expect(await readReview(table, q3)).toMatchObject({
      ...{
        period: "quarter",
        start: "2026-07-01",
        end: "2026-10-01",
        state: "open",
        closeBy: "2026-10-15",
        version: 1,
      },
    });
    const gathered = await gatheredOf(q3);
    expect(gathered.asOf).toBe("2026-10-01T04:00:00.000Z");
    expect(standings(gathered)).toEqual([
      ["net-revenue", 1000, 2000, "missed"],
      ["orders", 1, 1, "achieved"],
      ["arpu", 1000, null, "no target"],
    ]);
    expect(gathered.kpis[0]).toMatchObject({ owner: mia, complete: true, currency: "EUR" });
  });

  it("is told of once to each manager, with what was missed", async () => {
    await opened();
    const stages = [reviewOpenedStage({ table, sendMail: ours.sendMail })];
    await settle({ table, stages, deliver: (changes) => [...changes, ...changes] });
    const texts = ours.mails.map(({ owner, messageKey, content }) => [owner, messageKey, content?.subject]);
    const told = [{ staff: manager }, `review-${q3}`, "Review of Q3 2026: 1 of 2 targets missed"];
    expect(texts).toEqual([told, told]);
    expect(ours.mails[0]?.content?.text).toContain("- Net revenue: EUR 10.00 against EUR 20.00 (Mia)");
  });

  it("does not open for a period before the first fact", async () => {
    await ours.sold("2026-10-01T10:00:00.000Z", 1000);
    ours.clock.at = "2026-10-02T04:00:00.000Z";
    expect(await ours.follow()).toMatchObject({ reviews: 0 });
    expect(await itemsOf(table, "review")).toEqual([]);
  });

  it("waits while its days are still to be counted, three days at most", async () => {
    await ours.sold("2026-08-10T10:00:00.000Z", 1000);
    await markDirty(table, "kpis", "2026-09-01");
    const opening = [];
    for (const day of ["01", "03", "04"]) {
      ours.clock.at = `2026-10-${day}T12:00:00.000Z`;
      opening.push((await ours.follow()).reviews);
    }
    expect(opening).toEqual([0, 0, 1]);
    for (const mark of await readDirty(table, "kpis")) await clearDirty(table, "kpis", mark, ours.now());
  });

  it("is the same, and one, whatever call crashes", async () => {
    await opened();
    const whole = [await itemsOf(table, "review"), await itemsOf(table, "reviewGathered")];
    const other = await createTestTable(engine.url);
    const theirs = company(other);
    theirs.clock.at = ours.clock.at;
    for (const kpi of ["net-revenue", "orders"]) {
      const target = await readTarget(table, { kpi, period: "quarter" });
      if (target !== undefined) await putTarget(other, target);
    }
    await theirs.sold("2026-08-10T10:00:00.000Z", 1000);
    const options = { kpis, timeZone, now: theirs.now(), managers: [manager] };
    let crashes = 0;
    for (let nth = 1; ; nth++) {
      const dying = crashing(other, { nth, after: nth % 2 === 0 });
      try {
        await openReviews({ ...options, table: dying });
        break;
      } catch {
        crashes++;
      }
    }
    expect(crashes).toBeGreaterThan(5);
    expect([await itemsOf(other, "review"), await itemsOf(other, "reviewGathered")]).toEqual(whole);
  });

  it("keeps its figures, and says which are others by now", async () => {
    await opened();
    ours.clock.at = "2026-10-02T10:00:00.000Z";
    expect((await shown(q3)).lateFigures).toEqual([]);
    await ours.sold("2026-09-30T21:59:59.000Z", 500);
    const { gathered, lateFigures } = await shown(q3);
    expect(standings(gathered)[0]).toEqual(["net-revenue", 1000, 2000, "missed"]);
    expect(lateFigures.map(({ kpi, value }) => [kpi, value])).toEqual([
      ["net-revenue", 1500],
      ["orders", 2],
      ["arpu", 1500],
    ]);
    expect(lateFigures[0]?.asOf).toBe("2026-10-02T10:00:00.000Z");
  });

  it("gathers themes, open actions and what was promised last time, as it was then", async () => {
    await opened();
    ours.clock.at = "2026-10-05T10:00:00.000Z";
    const origin = { kind: "review", review: q3 } as const;
    const kept = await ours.promise({ what: "kept", origin });
    await ours.promise({ what: "broken", dueOn: "2026-12-01", origin });
    await ours.promise({ what: "a theme's", dueOn: "2027-02-01" });
    await ours.change(kept, { state: "done" });
    expect((await shown(q3)).actions.map(({ what }) => what)).toEqual(["kept", "broken"]);
    const said = { feedbackKind: "review", source: "google", text: "The delivery was late" } as const;
    const about = { id: "0".repeat(24), occurredAt: "2026-11-01T10:00:00.000Z", contactId: undefined };
    await putFeedback(table, receivedFeedback({ ...said, language: "en" } as never, about));
    ours.clock.at = "2027-01-01T05:00:00.000Z";
    await ours.follow();
    const { themes, openActions, promises } = await gatheredOf("quarter-2026-10-01");
    expect(themes).toMatchObject({ comments: 1, items: [{ theme: "delivery", count: 1, share: 1 }] });
    expect(openActions.items.map(({ what }) => what)).toEqual(["broken", "a theme's"]);
    expect(promises.review).toBe(q3);
    expect(promises.items.map(({ what, outcome }) => [what, outcome])).toEqual([
      ["kept", "kept"],
      ["broken", "open"],
    ]);
  });

  it("reminds the managers once when it is not closed in time", async () => {
    await openedDirectly();
    for (const day of ["14", "15", "16", "17"]) {
      ours.clock.at = `2026-10-${day}T10:00:00.000Z`;
      await ours.follow();
    }
    const keys = new Set(ours.mails.map(({ owner, messageKey }) => `${JSON.stringify(owner)} ${messageKey}`));
    expect([...keys]).toEqual([`${JSON.stringify({ staff: manager })} review-${q3}-close`]);
    expect(ours.mails[0]?.content?.subject).toBe("Review of Q3 2026: still open");
  });
});

describe("what people write", () => {
  it("stands in the next version, made from the one that stands", async () => {
    await openedDirectly();
    const put = (version: number, learnt: string) =>
      ours.reviews.putReview(request({ id: q3, version, body: reviewInputSchema.parse({ learnt, decided: "" }) }));
    await put(1, "Couriers were late.");
    await expect(put(1, "Lost")).rejects.toMatchObject({ code: "version_conflict" });
    expect(await readReview(table, q3)).toMatchObject({ learnt: "Couriers were late.", version: 2, updatedBy: "tom" });
    await expect(ours.reviews.getReview(request({ id: "year-2025-01-01" }))).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it("names no review that is not there or closed as an action's origin", async () => {
    await openedDirectly();
    const promise = (review: string) => ours.promise({ origin: { kind: "review", review } });
    await expect(promise("year-2025-01-01")).rejects.toMatchObject({ errors: [{ pointer: "/origin/review" }] });
    await ours.reviews.closeReview(request({ id: q3, version: 1, body: { targets: [] } }));
    await expect(promise(q3)).rejects.toMatchObject({ errors: [{ pointer: "/origin/review" }] });
    expect(await itemsOf(table, "action")).toEqual([]);
  });
});

describe("closing", () => {
  beforeEach(async () => {
    await setTarget("net-revenue", 2000);
    await openedDirectly();
  });
  const close = (targets: readonly object[], version = 1) =>
    ours.reviews.closeReview(request({ id: q3, version, body: closingSchema.parse({ targets }) }));

  it("sets targets from the next period on, and new ones, in one", async () => {
    const perMonth = { kpi: "orders", period: "month", target: 5 };
    await putTarget(table, { ...mine, kpi: "orders", period: "week", target: 2 });
    const ofShop = { by: "source", group: "shop", owner: mia };
    await close([
      { ...revenue, target: 3000, note: "More shops." },
      { ...perMonth, ...ofShop },
      { kpi: "orders", period: "week", target: 3 },
    ]);
    expect(await readTarget(table, revenue)).toMatchObject({
      ...{ target: 2000, ramp: [{ from: "2026-10-01", target: 3000 }], owner: mia, note: "More shops.", version: 2 },
    });
    const slice = { by: "source", group: "shop" };
    expect(await readTarget(table, { kpi: "orders", period: "month", slice })).toMatchObject({ target: 5, version: 1 });
    expect(await readTarget(table, { kpi: "orders", period: "week" })).toMatchObject({
      // The week of October 1 begins in September.
      ramp: [{ from: "2026-10-05", target: 3 }],
    });
    expect((await readTargetHistory(table, revenue, { limit: 5 })).items).toHaveLength(2);
    expect(await readReview(table, q3)).toMatchObject({
      ...{ state: "closed", closedBy: "tom", closedAt: ours.clock.at, version: 2, targets: [{ target: 3000 }, {}, {}] },
    });
  });

  it.each([
    ["a KPI that is not there", { kpi: "happiness", period: "month", target: 1 }, "/targets/1/kpi", "no KPI"],
    ["a share above one", { kpi: "csat", period: "month", target: 80, owner: mia }, "/targets/1/target", "0.8"],
    ["half an order", { kpi: "orders", period: "quarter", target: 0.5, owner: mia }, "/targets/1/target", "whole"],
    ["nobody's", { kpi: "orders", period: "month", target: 5 }, "/targets/1/owner", "name who owns it"],
    [
      "a start that begins no period",
      { kpi: "orders", period: "quarter", target: 2, owner: mia, from: "2026-11-01" },
      "/targets/1/from",
      "",
    ],
    [
      "a slice that is not kept",
      { ...revenue, target: 2, by: "moon", group: "x", owner: mia },
      "/targets/1/by",
      "kept",
    ],
    ["half a group", { ...revenue, target: 2, by: "source" }, "/targets/1/group", "both"],
    ["one target twice", { ...revenue, target: 2 }, "/targets/1", "twice"],
  ])("with %s is refused, and nothing is saved", async (_, wrong, pointer, message) => {
    await expect(close([{ ...revenue, target: 3000 }, wrong])).rejects.toMatchObject({
      code: "invalid_input",
      errors: [{ pointer, message: expect.stringContaining(message) }],
    });
    expect(await readTarget(table, revenue)).toMatchObject({ target: 2000, version: 1 });
    expect(await readReview(table, q3)).toMatchObject({ state: "open", version: 1 });
  });

  it("is done once, from the version that stands", async () => {
    await expect(close([], 7)).rejects.toMatchObject({ code: "version_conflict" });
    await close([{ ...revenue, target: 3000 }]);
    for (const again of [() => close([{ ...revenue, target: 4000 }], 2), () => close([], 1)]) {
      await expect(again()).rejects.toMatchObject({ errors: [{ code: "invalid_state" }] });
    }
    const write = request({ id: q3, version: 2, body: { learnt: "late", decided: "" } });
    await expect(ours.reviews.putReview(write)).rejects.toMatchObject({ errors: [{ code: "invalid_state" }] });
    expect(await readTarget(table, revenue)).toMatchObject({ version: 2 });
  });

  it("writes nothing when a target was changed meanwhile", async () => {
    const review = await readReview(table, q3);
    const target = await readTarget(table, revenue);
    if (review === undefined || target === undefined) throw new Error("not opened");
    await putTarget(table, { ...target, target: 2500, version: 2 });
    const next = { ...review, state: "closed", version: 2 } as const;
    await expect(closeReview(table, next, [{ ...target, target: 3000, version: 2 }])).rejects.toMatchObject({
      code: "version_conflict",
      message: expect.stringContaining("One of the targets"),
    });
    expect(await readReview(table, q3)).toMatchObject({ state: "open", version: 1 });
    await expect(closeReview(table, { ...next, version: 3 }, [])).rejects.toMatchObject({
      message: expect.stringContaining("The review"),
    });
  });
});

describe("the list and the schedule", () => {
  it("pages through reviews, the latest period first", async () => {
    await openedDirectly();
    const [review, gathered] = [await readReview(table, q3), await gatheredOf(q3)];
    if (review === undefined) throw new Error("not opened");
    const older = { ...review, id: "year-2025-01-01", period: "year", start: "2025-01-01" } as const;
    expect(await openReview(table, older, gathered)).toBe(true);
    expect(await openReview(table, older, gathered)).toBe(false);
    const listSchema = z.object({ items: z.array(z.object({ id: z.string() })), nextCursor: z.nullable(z.string()) });
    const list = async (query: object) =>
      listSchema.parse((await ours.reviews.listReviews(request({ query: { limit: 1, ...query } }))).body);
    const first = await list({});
    expect(first.items.map(({ id }) => id)).toEqual([q3]);
    expect((await list({ cursor: first.nextCursor })).items.map(({ id }) => id)).toEqual([older.id]);
    await expect(list({ cursor: "eyJhIjoxfQ" })).rejects.toMatchObject({ code: "invalid_input" });
  });

  it("opens what the account reviews, of a new kind the period that has just ended", async () => {
    await ours.sold("2026-08-10T10:00:00.000Z", 1000);
    ours.clock.at = "2026-09-10T10:00:00.000Z";
    const put = (version: number | undefined, body: object) =>
      ours.reviews.putReviewSchedule(request({ body: scheduleInputSchema.parse(body), ...(version && { version }) }));
    await put(undefined, { reviews: [{ period: "month", daysToClose: 3 }] });
    await expect(put(undefined, { reviews: [] })).rejects.toMatchObject({ code: "version_conflict" });
    expect((await ours.follow()).reviews).toBe(1);
    expect(await readReview(table, "month-2026-08-01")).toMatchObject({ closeBy: "2026-09-13" });
    await put(1, { reviews: [] });
    ours.clock.at = "2026-10-01T10:00:00.000Z";
    expect((await ours.follow()).reviews).toBe(0);
    const twice = { reviews: [{ period: "month" }, { period: "month" }] };
    expect(scheduleInputSchema.safeParse(twice).success).toBe(false);
  });
});
