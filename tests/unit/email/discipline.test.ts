import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Cap, claimSlot, limitsFor, releaseSlot } from "../../../shared/email/cap.ts";
import { openCaps } from "../../../shared/email/cap-store.ts";
import { deliver } from "../../../shared/email/delivery.ts";
import { guardStage } from "../../../shared/email/email-stages.ts";
import { countEvent, type Guard, guardVerdict, guardWarnings, reopened } from "../../../shared/email/guard.ts";
import { createPace } from "../../../shared/email/pace.ts";
import { allowedAt, isQuiet } from "../../../shared/email/quiet-hours.ts";
import { grantRate, type Rate, windowOf } from "../../../shared/email/rate.ts";
import { claimRate, countFeedback, readSending, reopenSending } from "../../../shared/email/rate-store.ts";
import { priorities } from "../../../shared/email/templates/template.ts";
import { createEvent } from "../../../shared/events/event.ts";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";
import { hours, message, plus, recipient, rules, world } from "./world.ts";

const start = new Date("2026-03-01T10:00:00.000Z");
const limits = { mails: 3, days: 7, gapHours: 20 };

describe("the frequency cap", () => {
  const claim = (cap: Cap | undefined, key: string, at: Date, priority: (typeof priorities)[number] = "broadcast") =>
    claimSlot(cap, { key, priority, now: at, until: plus(at, hours(72)), limits });

  test("never grants more than its mails in any of its days, nor two within its gap, in whatever order they ask", async () => {
    const asks = fc.array(
      fc.record({ after: fc.integer({ min: 0, max: 30 }), key: fc.nat(30), priority: fc.constantFrom(...priorities) }),
      { maxLength: 80 },
    );
    await fc.assert(
      fc.property(asks, (list) => {
        let cap: Cap | undefined;
        let now = start;
        const granted = new Map<string, number>();
        for (const { after, key, priority } of list) {
          now = plus(now, hours(after));
          const { verdict, cap: next } = claim(cap, `k${key}`, now, priority);
          cap = next ?? cap;
          if (verdict === "granted" && !granted.has(`k${key}`)) granted.set(`k${key}`, now.getTime());
        }
        const times = [...granted.values()].sort((a, b) => a - b);
        times.forEach((time, index) => {
          expect(times[index + 1] ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(time + hours(20));
          expect(times[index + 3] ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(time + hours(168));
        });
      }),
      { numRuns: 300 },
    );
  });

  test("says when there is room, and what comes too late for its age is not sent", () => {
    const { cap } = claim(undefined, "a", start);
    expect(claim(cap, "a", start)).toEqual({ verdict: "granted" });
    expect(claim(cap, "b", plus(start, hours(5))).verdict).toEqual({ at: plus(start, hours(20)) });
    const full: Cap = {
      version: 9,
      waiting: [],
      claims: [0, 24, 48].map((h) => ({ key: `${h}`, at: plus(start, hours(h)).toISOString() })),
    };
    expect(claim(full, "d", plus(start, hours(70))).verdict).toBe("never");
  });

  test("lets the more urgent one that waits go first", () => {
    let cap = claim(undefined, "a", start).cap;
    cap = claim(cap, "offer", plus(start, hours(1)), "broadcast").cap ?? cap;
    cap = claim(cap, "cart", plus(start, hours(2)), "cart").cap ?? cap;
    expect(claim(cap, "offer", plus(start, hours(20)), "broadcast").verdict).not.toBe("granted");
    const cart = claim(cap, "cart", plus(start, hours(20)), "cart");
    expect(cart.verdict).toBe("granted");
    expect(claim(cart.cap, "offer", plus(start, hours(40)), "broadcast").verdict).toBe("granted");
  });

  test("of one series lets the first go first, whichever asks first when the night is over", () => {
    const morning = plus(start, hours(22));
    const asks = (cap: Cap | undefined, key: string, at: Date) =>
      claimSlot(cap, { key, priority: "welcome", now: at, notBefore: morning, until: plus(at, hours(72)), limits });
    const first = asks(undefined, "first", plus(start, hours(12)));
    expect(first.verdict).toEqual({ at: morning });
    const both = asks(first.cap, "second", plus(start, hours(16))).cap;
    expect(asks(both, "second", morning).verdict).toEqual({ at: plus(morning, hours(20)) });
    const granted = asks(both, "first", morning);
    expect(granted.verdict).toBe("granted");
    expect(asks(granted.cap, "second", plus(morning, hours(20))).verdict).toBe("granted");
  });

  test.each([
    ["no wish", undefined, limits],
    ["every mail", "every", limits],
    ["once a week", "weekly", { ...limits, mails: 1, days: 7 }],
    ["once a month", "monthly", { ...limits, mails: 1, days: 30 }],
  ] as const)("is the reader's own where that is stricter: %s", (_, wish, expected) => {
    expect(limitsFor(limits, wish)).toEqual(expected);
    expect(limitsFor({ mails: 1, days: 30, gapHours: 0 }, wish)).toEqual({ mails: 1, days: 30, gapHours: 0 });
  });

  test("gives back the room of a mail that is not sent after all", () => {
    const { cap } = claim(undefined, "a", start);
    expect(claim(releaseSlot(cap, "a"), "b", plus(start, 1)).verdict).toBe("granted");
    expect(releaseSlot(cap, "other")).toBeUndefined();
  });

  test("holds when many ask at once", async () => {
    const caps = openCaps(await createTestTable(engine.url));
    const all = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        caps.claim("c1", { key: `k${index}`, priority: "cart", now: start, until: plus(start, hours(72)), limits }),
      ),
    );
    expect(all.filter((verdict) => verdict === "granted")).toHaveLength(1);
  });

  test("is not touched by what answers the reader at once, nor by transactional mail", async () => {
    const { deps } = world();
    const caps = {
      claim: () => Promise.reject(new Error("claimed")),
      release: () => Promise.reject(new Error("released")),
    };
    expect(await deliver({ ...deps, caps }, message)).toBe("sent");
    const other = { ...message, messageKey: "ack", templateId: "form-acknowledgement" };
    expect(await deliver({ ...world().deps, caps }, other)).toBe("sent");
  });
});

const winBack = { ...message, templateId: "win-back-1" };

describe("a marketing mail", () => {
  test("waits for its room as a due item, and is skipped when that comes too late", async () => {
    const { deps, dues, ledger, calls } = world();
    const at = plus(start, hours(20));
    await deliver({ ...deps, caps: { ...deps.caps, claim: async () => ({ at }) } }, winBack);
    expect(dues).toMatchObject([{ at }]);
    expect(ledger.entry()).toBeUndefined();
    await deliver({ ...deps, caps: { ...deps.caps, claim: async () => "never" } }, winBack);
    expect(ledger.entry()).toMatchObject({ state: "SKIPPED", reason: "frequency cap" });
    expect(calls).toEqual([]);
  });

  test("waits in quiet hours until morning, in the contact's own zone when it is known", async () => {
    const { deps, dues, calls } = world("2026-03-01T23:00:00.000Z");
    const quiet = { ...deps, rules: { ...rules, quietHours: { from: 21, until: 8 } } };
    const late = { ...winBack, requestedAt: "2026-03-01T23:00:00.000Z" };
    await deliver(quiet, late);
    expect(dues.at(-1)?.at).toEqual(new Date("2026-03-02T08:00:00.000Z"));
    const zoned = { address: "ann@example.com", name: "", firstName: "", timeZone: "America/Los_Angeles" };
    expect(await deliver({ ...quiet, readRecipient: async () => zoned }, late)).toBe("sent");
    expect(calls).toHaveLength(1);
  });

  test("that waited for its turn is decided once more", async () => {
    const { deps, ledger, calls } = world();
    let reads = 0;
    const readConsent = async () => ({ state: reads++ === 0 ? ("granted" as const) : ("withdrawn" as const) });
    const released: string[] = [];
    const caps = { ...deps.caps, release: async (_: string, key: string) => void released.push(key) };
    await deliver({ ...deps, caps, readConsent, pace: async () => "waited" }, winBack);
    expect(ledger.entry()).toMatchObject({ state: "SKIPPED", reason: "no consent" });
    expect([calls, released]).toEqual([[], [message.messageKey]]);
  });

  test("that SES refuses for ever gives its room back", async () => {
    const { deps, ledger } = world();
    const released: string[] = [];
    const caps = { ...deps.caps, release: async (_: string, key: string) => void released.push(key) };
    const refused = async () => ({ kind: "refused", retry: "never", reason: "MessageRejected" }) as const;
    expect(await deliver({ ...deps, caps, send: refused }, winBack)).toBe("not sent");
    expect([ledger.entry()?.state, released]).toEqual(["FAILED", [message.messageKey]]);
  });

  test("comes as often as its reader wants, at most", async () => {
    const { deps } = world();
    const asked: unknown[] = [];
    const claim: typeof deps.caps.claim = async (_, { limits: given }) => {
      asked.push(given);
      return "granted";
    };
    const frequency = { value: "monthly", at: start.toISOString() } as const;
    const readConsent = async () => ({ state: "granted" as const, frequency });
    await deliver({ ...deps, caps: { ...deps.caps, claim }, readConsent }, winBack);
    expect(asked).toEqual([{ ...rules.cap, mails: 1, days: 30 }]);
  });

  test("is not sent while its reader pauses", async () => {
    const { deps, ledger } = world();
    const pausedUntil = plus(start, hours(24)).toISOString();
    await deliver({ ...deps, readConsent: async () => ({ state: "granted", pausedUntil }) }, winBack);
    expect(ledger.entry()).toMatchObject({ state: "SKIPPED", reason: "paused by the reader" });
  });

  test("about a cart that was emptied or ordered is skipped, and asks for no room under the cap", async () => {
    const { deps, ledger, calls } = world();
    const mark = "000000001aaaaaaaaaa";
    const readRecipient = async () => ({ ...recipient, carts: { carts: {}, ring: [mark] } });
    const caps = { ...deps.caps, claim: () => Promise.reject(new Error("claimed")) };
    const products = [{ name: "Mug", quantity: 1 }];
    const about = { ...message, templateId: "cart-1", data: { cart: { cartId: "c", mark, products } } };
    await deliver({ ...deps, readRecipient, caps }, about);
    expect([calls, ledger.entry()]).toMatchObject([[], { state: "SKIPPED", reason: "cart is gone" }]);
  });

  test("that lacks a value is skipped and says which", async () => {
    const { deps, ledger } = world();
    const compose: typeof deps.compose = async ({ kind }) => {
      if (!("template" in kind)) throw new Error("no template");
      const { renderMail } = await import("../../../shared/email/render.ts");
      const { exampleValues } = await import("../../../shared/email/templates/example.ts");
      renderMail(kind.template, exampleValues, kind.data);
      return { to: "ann@example.com", raw: Buffer.from("") };
    };
    await deliver({ ...deps, compose }, { ...message, templateId: "cart-1", data: { cart: { id: "gone" } } });
    expect(ledger.entry()).toMatchObject({ state: "SKIPPED", reason: "missing value: cart.lines" });
  });
});

describe("quiet hours", () => {
  const quiet = { from: 21, until: 8 };
  test.each([
    ["in the evening", "2026-01-10T22:30:00Z", "UTC", "2026-01-11T08:00:00Z"],
    ["at their first minute", "2026-01-10T21:00:00Z", "UTC", "2026-01-11T08:00:00Z"],
    ["just before", "2026-01-10T20:59:59Z", "UTC", "2026-01-10T20:59:59Z"],
    ["at their end", "2026-01-10T08:00:00Z", "UTC", "2026-01-10T08:00:00Z"],
    ["over the spring change", "2026-03-08T03:00:00Z", "America/New_York", "2026-03-08T12:00:00Z"],
    ["over the autumn change", "2026-11-01T03:00:00Z", "America/New_York", "2026-11-01T13:00:00Z"],
    ["in a zone of quarters", "2026-01-10T17:00:00Z", "Asia/Kathmandu", "2026-01-11T02:15:00Z"],
  ])("%s", (_, at, zone, expected) => {
    expect(allowedAt(new Date(at), zone, quiet)).toEqual(new Date(expected));
  });

  test("end at the first quarter that is allowed, in every zone and over every change of clocks", async () => {
    const zones = fc.constantFrom("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC");
    const instants = fc.date({ min: new Date("2026-01-01"), max: new Date("2027-12-31"), noInvalidDate: true });
    await fc.assert(
      fc.property(instants, zones, fc.nat(23), fc.nat(23), (now, zone, from, until) => {
        const at = allowedAt(now, zone, { from, until });
        expect(isQuiet(at, zone, { from, until })).toBe(false);
        expect(at.getTime()).toBeGreaterThanOrEqual(now.getTime());
        for (let t = now.getTime(); t < at.getTime(); t += 15 * 60_000)
          expect(isQuiet(new Date(t), zone, { from, until })).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

describe("the account's rate", () => {
  test("is never exceeded in a window, nor the quota in 24 hours, whoever claims", async () => {
    const wish = fc.record({ after: fc.integer({ min: 0, max: 4_000_000 }), perSecond: fc.nat(9), mails: fc.nat(60) });
    await fc.assert(
      fc.property(fc.array(wish, { maxLength: 60 }), (wishes) => {
        const bounds = { perSecond: 14, perDay: 200 };
        let rate: Rate | undefined;
        let now = start;
        const windows = new Map<number, number>();
        const sent: { at: number; mails: number }[] = [];
        for (const { after, perSecond, mails } of wishes) {
          now = plus(now, after);
          const granted = grantRate(rate, { now, limits: bounds, perSecond, mails });
          rate = granted.rate;
          windows.set(windowOf(now), (windows.get(windowOf(now)) ?? 0) + granted.grant.perSecond);
          sent.push({ at: now.getTime(), mails: granted.grant.mails });
        }
        expect(Math.max(0, ...windows.values())).toBeLessThanOrEqual(14);
        for (const { at } of sent) {
          const day = sent
            .filter((one) => one.at > at - hours(24) && one.at <= at)
            .reduce((sum, { mails }) => sum + mails, 0);
          expect(day).toBeLessThanOrEqual(200);
        }
      }),
      { numRuns: 300 },
    );
  });

  /** Processes that share one table in a time of their own: sleeping moves the clock. */
  function processes(count: number, bounds: { perSecond: number; perDay: number }) {
    let rate: Rate | undefined;
    let clock = start.getTime();
    let claims = 0;
    const sleepers: { readonly until: number; readonly wake: () => void }[] = [];
    const now = () => new Date(clock);
    const paces = Array.from({ length: count }, () =>
      createPace({
        limits: bounds,
        now,
        onStopped: () => {},
        claim: async (wish) => {
          const granted = grantRate(rate, { ...wish, now: now() });
          rate = granted.rate;
          claims++;
          return { grant: granted.grant, guard: "open" };
        },
        sleep: (milliseconds) => new Promise((wake) => sleepers.push({ until: clock + milliseconds, wake })),
      }),
    );
    const tick = async () => {
      for (let idle = 0; idle < 20; idle++) await Promise.resolve();
      sleepers.sort((a, b) => a.until - b.until);
      const next = sleepers.shift();
      if (next === undefined) return false;
      clock = Math.max(clock, next.until);
      next.wake();
      return true;
    };
    return { paces, now, tick, claims: () => claims };
  }

  test("is kept by several processes together in every second, with a claim for ten mails or more", async () => {
    const { paces, now, tick, claims } = processes(3, { perSecond: 14, perDay: 50_000 });
    const sent: number[] = [];
    let later = 0;
    const worker = async (pace: (typeof paces)[number]) => {
      for (let mail = 0; mail < 40; mail++) {
        const turn = await pace("marketing");
        if (typeof turn === "object") later++;
        else sent.push(now().getTime());
      }
    };
    const work = Promise.all(paces.flatMap((pace) => [worker(pace), worker(pace)]));
    for (let steps = 0; steps < 5_000 && (await tick()); steps++);
    await work;
    expect(sent.length + later).toBe(240);
    expect(sent.length).toBeGreaterThan(200);
    for (const at of sent)
      expect(sent.filter((other) => other >= at && other < at + 1_000).length).toBeLessThanOrEqual(14);
    expect(claims()).toBeLessThanOrEqual(sent.length / 10 + 12);
  });

  test("that is used up lets a mail wait, and so does a used up quota", async () => {
    const rateFull = createPace({
      limits: { perSecond: 5, perDay: 1_000 },
      now: () => start,
      sleep: () => Promise.reject(new Error("slept")),
      onStopped: () => {},
      claim: async () => ({ grant: { perSecond: 0, mails: 1 }, guard: "open" }),
    });
    expect(await rateFull("transactional")).toMatchObject({ reason: "rate" });
    let rate: Rate | undefined;
    const pace = createPace({
      limits: { perSecond: 500, perDay: 2 },
      now: () => plus(start, 5_000),
      sleep: async () => {},
      onStopped: () => {},
      claim: async (wish) => {
        const granted = grantRate(rate, { ...wish, now: start });
        rate = granted.rate;
        return { grant: granted.grant, guard: "open" };
      },
    });
    expect([await pace("marketing"), await pace("marketing")]).toEqual(["now", "now"]);
    expect(await pace("transactional")).toMatchObject({ reason: "quota" });
  });

  test("in the table is never handed out twice", async () => {
    const table = await createTestTable(engine.url);
    const claims = await Promise.all(
      Array.from({ length: 6 }, () =>
        claimRate(table, { limits: { perSecond: 10, perDay: 25 }, perSecond: 3, mails: 10 }, () => start),
      ),
    );
    expect(claims.reduce((sum, { grant }) => sum + grant.perSecond, 0)).toBe(10);
    expect(claims.reduce((sum, { grant }) => sum + grant.mails, 0)).toBe(25);
  });
});

describe("the guard", () => {
  const days = (bounces: number, complaints: number): Guard => ({
    version: 1,
    recent: [],
    days: { "2026-03-01": { bounces, complaints } },
  });
  test.each([
    ["nothing", days(0, 0), { "2026-03-01": 1_000 }, "open"],
    ["bounces below 5 %", days(49, 0), { "2026-03-01": 1_000 }, "open"],
    ["bounces of 5 %", days(50, 0), { "2026-03-01": 1_000 }, "bounces"],
    ["bounces among too few mails", days(50, 0), { "2026-03-01": 199 }, "open"],
    ["complaints of 0.1 %", days(0, 2), { "2026-03-01": 2_000 }, "complaints"],
    ["one complaint", days(0, 1), { "2026-03-01": 1_000 }, "open"],
    ["old ones, with a thousand good mails since", days(500, 0), { "2026-03-01": 1_000, "2026-03-02": 1_000 }, "open"],
    [
      "those before somebody mended the cause",
      { ...days(500, 0), since: "2026-03-02" },
      { "2026-03-01": 1_000 },
      "open",
    ],
  ] as const)("judges %s: %4$s", (_, guard, mails, verdict) => {
    expect(guardVerdict(guard, mails)).toBe(verdict);
  });

  test.each([
    ["bounces below 2 %", days(19, 0), { "2026-03-01": 1_000 }, []],
    ["bounces of 2 %", days(20, 0), { "2026-03-01": 1_000 }, ["bounces"]],
    ["bounces among too few mails", days(20, 0), { "2026-03-01": 199 }, []],
    ["three bounces", days(3, 0), { "2026-03-01": 100, "2026-03-02": 100 }, []],
    ["complaints below 0.05 %", days(0, 1), { "2026-03-01": 2_001 }, []],
    ["complaints of 0.05 %", days(0, 1), { "2026-03-01": 2_000 }, ["complaints"]],
    ["both", days(20, 1), { "2026-03-01": 1_000 }, ["bounces", "complaints"]],
    ["those before somebody mended the cause", { ...days(20, 1), since: "2026-03-02" }, { "2026-03-01": 1_000 }, []],
  ] as const)("warns of %s: %4$s", (_, guard, mails, warnings) => {
    expect(guardWarnings(guard, mails)).toEqual(warnings);
  });

  test("counts an event once, and forgets old days", () => {
    const event = { eventId: "e1", kind: "bounces", at: start.toISOString() } as const;
    const once = countEvent(undefined, event, start);
    expect(once?.days).toEqual({ "2026-03-01": { bounces: 1, complaints: 0 } });
    expect(countEvent(once, event, start)).toBeUndefined();
    expect(countEvent(once, { ...event, eventId: "e2" }, plus(start, hours(24 * 20)))).toBeUndefined();
    expect(guardVerdict(reopened(days(500, 0), start), { "2026-03-01": 1_000 })).toBe("open");
  });

  test("lets an alarm ring by what its stage counts", async () => {
    const table = await createTestTable(engine.url);
    await claimRate(table, { limits: { perSecond: 1, perDay: 2_000 }, perSecond: 1, mails: 2_000 }, () => start);
    const counted: string[] = [];
    const stage = guardStage({ table, now: () => start, count: (metric) => counted.push(metric) });
    const at = start.toISOString();
    const facts = { contactId: "c1", occurredAt: at, receivedAt: at, source: "mail", properties: {} };
    const item = createEvent({ ...facts, origin: ["spam"], name: "Email Marked as Spam" });
    await stage.run({ item, previous: undefined });
    expect(counted).toEqual(["ComplaintsRise"]);
  });

  test("stops marketing and nothing else, until somebody lets it go on", async () => {
    const table = await createTestTable(engine.url);
    const bounds = { perSecond: 100, perDay: 100_000 };
    await claimRate(table, { limits: bounds, perSecond: 1, mails: 200 }, () => start);
    const bounce = (index: number) =>
      countFeedback(table, { eventId: `e${index}`, kind: "bounces", at: start.toISOString() }, start);
    const warnings = [];
    for (let index = 0; index < 10; index++) warnings.push(await bounce(index));
    expect(warnings.map(([first]) => first)).toEqual([...Array(3).fill(undefined), ...Array(7).fill("bounces")]);
    await bounce(0);
    expect((await readSending(table)).guard?.days["2026-03-01"]).toEqual({ bounces: 10, complaints: 0 });
    const stops: string[] = [];
    const paceOf = () =>
      createPace({
        limits: bounds,
        now: () => plus(start, 5_000),
        sleep: async () => {},
        onStopped: (verdict) => stops.push(verdict),
        claim: (wish) => claimRate(table, { ...wish, mails: Math.min(wish.mails, 1) }, () => plus(start, 5_000)),
      });
    expect(await paceOf()("transactional")).toBe("now");
    expect((await readSending(table)).rate?.days["2026-03-01"]).toBe(201);
    await bounce(10);
    expect(await paceOf()("marketing")).toMatchObject({ reason: "stopped" });
    expect(stops).toContain("bounces");
    await reopenSending(table, start);
    expect(await paceOf()("marketing")).toBe("now");
  });
});
