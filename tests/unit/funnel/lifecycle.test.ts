import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Event } from "../../../shared/events/event.ts";
import { afterEvent, type Lifecycle, stagesIn } from "../../../shared/funnel/lifecycle.ts";
import { type StageRules, shippedStageRules, stageRulesInputSchema } from "../../../shared/funnel/stage-rules.ts";
import { deal, eur, order, told } from "../kpis/facts.ts";

const page = (at: string, properties = {}) => told("Page Viewed", at, properties, { source: "web" });
const form = (at: string, utmSource?: string) =>
  told("Form Submitted", at, { formId: "f", page: { utmSource } }, { source: "form" });

function lifecycleOf(events: readonly Event[], rules: StageRules = shippedStageRules): Lifecycle | undefined {
  return events.reduce<Lifecycle | undefined>((held, event) => afterEvent(held, rules, event), undefined);
}

/** `awareness 01, action 03`: each stage with the day of January 2026 on which it was entered. */
const way = (lifecycle: Lifecycle | undefined) =>
  lifecycle && stagesIn(lifecycle).map(({ stage, at }) => `${stage} ${at.slice(8, 10)}`);

const day = (date: number) => `2026-01-${String(date).padStart(2, "0")}T10:00:00.000Z`;

describe("a contact's stages", () => {
  it.each<[string, readonly Event[], readonly string[]]>([
    ["begin with a page", [page(day(1))], ["awareness 01"]],
    ["keep the first time", [page(day(2)), page(day(1)), page(day(3))], ["awareness 01"]],
    ["skip what was not seen", [order(day(3), 100)], ["action 03"]],
    ["never go back", [order(day(3), 100), page(day(4)), form(day(5))], ["action 03"]],
    ["take what is told late", [order(day(3), 100), page(day(1))], ["awareness 01", "action 03"]],
    ["lose a stage that turns out to come after a later one", [page(day(4)), form(day(2))], ["consideration 02"]],
    ["need a second paid order to stay", [order(day(3), 100), order(day(5), 100)], ["action 03", "retention 05"]],
    ["count one order once", [order(day(3), 100), order(day(3), 100)], ["action 03"]],
    ["count no free and no test orders", [order(day(3), 0), order(day(5), 100, { test: true })], []],
    [
      "tell retention by the earliest two orders, in any order",
      [order(day(9), 1), order(day(7), 1), order(day(5), 1)],
      ["action 05", "retention 07"],
    ],
    [
      "come of deals as well",
      [
        deal("Deal Created", day(1)),
        deal("Deal Stage Changed", day(2), { stage: "qualified" }),
        deal("Deal Stage Changed", day(3), { stage: "proposal" }),
        deal("Deal Won", day(4), { amount: eur(1) }),
      ],
      ["consideration 01", "decision 03", "action 04"],
    ],
  ])("%s", (_, events, expected) => {
    expect(way(lifecycleOf(events)) ?? []).toEqual(expected);
  });

  it("are none of who did nothing that a rule names", () => {
    expect(lifecycleOf([told("Email Opened", day(1), {})])).toBeUndefined();
  });

  it("come from the source of the earliest event that met a rule", () => {
    expect(lifecycleOf([form(day(3), "spring"), page(day(1), { utm_source: "search" })])?.first.source).toBe("search");
    expect(lifecycleOf([page(day(1), { referrer: "https://news.example/a?b" })])?.first.source).toBe("news.example");
    expect(lifecycleOf([order(day(1), 5)])?.first.source).toBe("shop");
  });

  it("are the same in any order of events, and however often each is told", () => {
    const events = [
      ...[2, 3, 9].map((date) => page(day(date), { utm_source: `s${date}` })),
      form(day(4), "spring"),
      told("Checkout Started", day(5), { products: [] }),
      told("Checkout Started", day(1), { products: [] }),
      ...[6, 7, 8].map((date) => order(day(date), 100)),
    ];
    const expected = lifecycleOf(events);
    expect(way(lifecycleOf(events))).toEqual(["decision 01", "action 06", "retention 07"]);
    fc.assert(
      fc.property(fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2 }), (shuffled) => {
        expect(lifecycleOf(shuffled)).toEqual(expected);
      }),
    );
  });
});

describe("changed rules", () => {
  const rules = (version: number, list: readonly object[]): StageRules => ({
    ...stageRulesInputSchema.parse({ rules: list }),
    version,
    updatedAt: null,
    updatedBy: null,
  });

  it("count from the next event on, and leave what was entered before", () => {
    const before = lifecycleOf([page(day(1)), form(day(2))], shippedStageRules);
    const changed = rules(2, [{ stage: "decision", event: "Trial Started" }]);
    const later = [told("Trial Started", day(3), {}), page(day(4))].reduce<Lifecycle | undefined>(
      (held, event) => afterEvent(held, changed, event),
      before,
    );
    expect(later && stagesIn(later)).toEqual([
      { stage: "awareness", at: day(1), rules: 1 },
      { stage: "consideration", at: day(2), rules: 1 },
      { stage: "decision", at: day(3), rules: 2 },
    ]);
  });

  it("go on counting where a rule stays, and forget the count of one that went", () => {
    const visits = (times: number) => ({ stage: "consideration", event: "Page Viewed", times });
    const once = lifecycleOf([page(day(1))], rules(2, [visits(2)]));
    expect(once && stagesIn(once)).toEqual([]);
    const kept = once && afterEvent(once, rules(3, [visits(2)]), page(day(2)));
    expect(way(kept)).toEqual(["consideration 02"]);
    const forgotten = once && afterEvent(once, rules(3, [{ stage: "action", event: "X" }]), told("X", day(2), {}));
    expect(forgotten?.marks).toEqual({});
  });

  it.each<[string, unknown, string]>([
    ["a stage that does not exist", [{ stage: "love", event: "X" }], "rules.0.stage"],
    ["no rules", [], "rules"],
    ["the same rule twice", [1, 2].map(() => ({ stage: "action", event: "X" })), "rules"],
    ["a hundredth time", [{ stage: "action", event: "X", times: 100 }], "rules.0.times"],
    ["a condition without a test", [{ stage: "action", event: "X", where: [{ property: "a" }] }], "rules.0.where.0"],
  ])("are refused for %s, and say where", (_, list, path) => {
    const issues = stageRulesInputSchema.safeParse({ rules: list }).error?.issues;
    expect(issues?.map((issue) => issue.path.join("."))).toContain(path);
  });
});
