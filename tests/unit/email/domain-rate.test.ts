import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deleteDue } from "../../../shared/due/due-store.ts";
import { deliver } from "../../../shared/email/delivery.ts";
import { paceByDomain, type TurnWish } from "../../../shared/email/domain-pace.ts";
import {
  boundFor,
  type DomainRate,
  type DomainWish,
  domainBoundsSchema,
  grantDomain,
  minuteOf,
} from "../../../shared/email/domain-rate.ts";
import { claimDomainRate } from "../../../shared/email/domain-rate-store.ts";
import { mailMessageSchema } from "../../../shared/email/mail-message.ts";
import { ensureTokenKeys } from "../../../shared/email/token-key-store.ts";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";
import { itemsOf } from "../../support/table-contents.ts";
import { meter, postRoom } from "./post-room.ts";
import { message, minutes, plus, world } from "./world.ts";

const start = new Date("2026-03-01T10:00:00.000Z");
const minute = minuteOf(start);
const mail = { stream: "marketing", address: "ann@example.com", urgent: false, stoodInLine: false } as const;

describe("the bound of a recipient domain", () => {
  const bounds = { "gmail.com": 60, "*": 600 };
  test.each([
    ["Ann@GMAIL.com", bounds, { domain: "gmail.com", perMinute: 60 }],
    ["ann@shop.example", bounds, { domain: "shop.example", perMinute: 600 }],
    ["ann@mail.gmail.com", { "gmail.com": 60 }, undefined],
    ["ann@constructor", {}, undefined],
    ["", { "gmail.com": 60 }, undefined],
  ])("of %s is found by its domain alone", (address, given, expected) => {
    expect(boundFor(given, address)).toEqual(expected);
  });

  test.each([
    [{ "gmail.com": 1, "*": 600, "xn--bcher-kva.example": 5 }, true],
    [{ "Gmail.com": 60 }, false],
    [{ gmail: 60 }, false],
    [{ "gmail.com": 0 }, false],
    [{ "gmail.com": 1.5 }, false],
  ])("is written so: %j is %s", (given, fits) => {
    expect(domainBoundsSchema.safeParse(given).success).toBe(fits);
  });
});

describe("a minute of a recipient domain", () => {
  const rate = (more: Partial<DomainRate>): DomainRate => ({
    version: 1,
    minute,
    fresh: 0,
    first: 0,
    lineMinute: 0,
    lineTaken: 0,
    ...more,
  });
  const next = minute + minutes(1);
  const last = minute + minutes(5);
  const placed = (at: number, count: number) => ({ mails: 0, places: { minute: at, count } });
  test.each([
    ["empty, takes a chunk", undefined, "fresh", { mails: 6 }],
    ["nearly full, takes what there is room for", rate({ fresh: 7 }), "fresh", { mails: 3 }],
    ["full, begins a line in the next", rate({ fresh: 8, first: 2 }), "fresh", placed(next, 6)],
    [
      "keeps the room of those who stand in line for it",
      rate({ lineMinute: minute, lineTaken: 8 }),
      "fresh",
      { mails: 2 },
    ],
    ["lets those who stood in line in", rate({ lineMinute: minute, lineTaken: 10 }), "first", { mails: 6 }],
    ["in a longer line, lets no new ones in", rate({ lineMinute: last, lineTaken: 9 }), "fresh", placed(last, 1)],
    [
      "with its line's last minute full, adds one",
      rate({ lineMinute: last, lineTaken: 10 }),
      "fresh",
      placed(last + minutes(1), 6),
    ],
    [
      "with a bound that was lowered, adds one too",
      rate({ lineMinute: last, lineTaken: 99 }),
      "fresh",
      placed(last + minutes(1), 6),
    ],
    ["forgets the minute before", rate({ minute: minute - minutes(1), fresh: 10 }), "fresh", { mails: 6 }],
    [
      "counts with the newest where a clock is behind",
      rate({ minute: next, fresh: 10 }),
      "fresh",
      placed(next + minutes(1), 6),
    ],
  ] as const)("%s", (_, before, standing, grant) => {
    expect(grantDomain(before, { now: start, perMinute: 10, standing, mails: 6, places: 6 }).grant).toEqual(grant);
  });

  test("is not written when nothing is handed out", () => {
    const wish = { now: start, perMinute: 10, standing: "first", mails: 1, places: 0 } as const;
    expect(grantDomain(rate({ first: 10 }), wish)).toEqual({ grant: { mails: 0 } });
  });
});

/** Processes that share one domain's rate, and a sweep that brings back what is due; its lateness varies. */
async function sendAll(
  mails: readonly { readonly at: number; readonly urgent: boolean }[],
  { perMinute, processes, late }: { perMinute: number; processes: number; late: readonly number[] },
) {
  let clock = start;
  let rate: DomainRate | undefined;
  let claims = 0;
  const deps = {
    bounds: { "example.com": perMinute },
    now: () => clock,
    claim: async (_: string, wish: Omit<DomainWish, "now">) => {
      claims++;
      const granted = grantDomain(rate, { ...wish, now: clock });
      rate = granted.rate ?? rate;
      return granted.grant;
    },
  };
  const paces = Array.from({ length: processes }, () => paceByDomain(deps, async () => "now"));
  const sent = new Map<number, number>();
  const deferrals = mails.map(() => 0);
  let waiting = mails.map(({ at, urgent }, id) => ({ id, urgent, stoodInLine: false, at: plus(start, at).getTime() }));
  for (let turn = 0; waiting.length > 0; turn++) {
    if (turn > 5_000) throw new Error("the line has no end");
    // Everything due comes with the minute's sweep.
    clock = plus(start, minutes(turn) + (late[turn % late.length] ?? 0));
    const due = waiting.filter(({ at }) => at <= clock.getTime());
    waiting = waiting.filter(({ at }) => at > clock.getTime());
    const turns = await Promise.all(
      due.map(({ id, urgent, stoodInLine }) => paces[id % processes]?.({ ...mail, urgent, stoodInLine })),
    );
    for (const [index, verdict] of turns.entries()) {
      const one = due[index];
      if (one === undefined) continue;
      if (typeof verdict === "object") {
        expect(verdict).toMatchObject({ reason: "domain" });
        expect(verdict.at.getTime()).toBeGreaterThan(clock.getTime());
        deferrals[one.id] = (deferrals[one.id] ?? 0) + 1;
        waiting.push({ ...one, stoodInLine: true, at: verdict.at.getTime() });
      } else sent.set(minuteOf(clock), (sent.get(minuteOf(clock)) ?? 0) + 1);
    }
  }
  return { sent, deferrals, claims };
}

describe("several processes together", () => {
  test("never exceed the bound in any minute, and send every mail in the end", async () => {
    const script = fc.record({
      mails: fc.array(fc.record({ at: fc.nat(minutes(10)), urgent: fc.boolean() }), { maxLength: 120 }),
      perMinute: fc.integer({ min: 1, max: 30 }),
      processes: fc.integer({ min: 1, max: 4 }),
      late: fc.array(fc.nat(59_000), { minLength: 1, maxLength: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(script, async ({ mails, ...how }) => {
        const { sent } = await sendAll(mails, how);
        expect([...sent.values()].reduce((sum, count) => sum + count, 0)).toBe(mails.length);
        expect(Math.max(0, ...sent.values())).toBeLessThanOrEqual(how.perMinute);
      }),
      { numRuns: 200 },
    );
  });

  test("defer each mail of a broadcast once, however long the line, by a claim for several mails", async () => {
    const mails = Array.from({ length: 3_000 }, () => ({ at: 0, urgent: false }));
    const { sent, deferrals, claims } = await sendAll(mails, { perMinute: 60, processes: 2, late: [20_000] });
    expect(Math.max(...deferrals)).toBe(1);
    expect(sent.size).toBeLessThanOrEqual(3_000 / 60 + 2);
    expect(claims).toBeLessThanOrEqual(250);
  });

  test("let a cart's reminder go before a broadcast's line", async () => {
    const broadcast = Array.from({ length: 600 }, () => ({ at: 0, urgent: false }));
    const { deferrals } = await sendAll([...broadcast, { at: minutes(3), urgent: true }], {
      perMinute: 60,
      processes: 1,
      late: [0],
    });
    expect(deferrals.at(-1)).toBeLessThanOrEqual(1);
  });
});

describe("a turn", () => {
  const paceOf = (wish: Partial<TurnWish>, bounds: Record<string, number>, account: "now" | "waited" = "now") => {
    let clock = start;
    const claimed: string[] = [];
    const pace = paceByDomain(
      {
        bounds,
        now: () => clock,
        claim: async (domain) => {
          claimed.push(`${domain} ${(clock.getTime() - minute) / minutes(1)}`);
          return { mails: 1 };
        },
      },
      async () => {
        if (account === "waited") clock = plus(clock, minutes(1));
        return account;
      },
    );
    return { turn: pace({ ...mail, ...wish }), claimed };
  };

  test("asks nothing where no bound applies, and nothing for transactional mail", async () => {
    for (const { turn, claimed } of [
      paceOf({}, {}),
      paceOf({}, { "gmail.com": 1 }),
      paceOf({ stream: "transactional" }, { "*": 1 }),
    ]) {
      expect([await turn, claimed]).toEqual(["now", []]);
    }
  });

  test("that the account gives only in the next minute is counted there", async () => {
    const { turn, claimed } = paceOf({}, { "example.com": 1 }, "waited");
    expect([await turn, claimed]).toEqual(["waited", ["example.com 0", "example.com 1"]]);
  });
});

describe("a mail beyond the bound", () => {
  test("waits in the table with its place, and its ledger knows nothing of it", async () => {
    const { deps, dues, ledger, calls } = world();
    const at = plus(start, minutes(7));
    const pace = async () => ({ at, reason: "domain" }) as const;
    expect(await deliver({ ...deps, pace }, { ...message, templateId: "post-purchase" })).toBe("not sent");
    expect(dues).toMatchObject([{ at, queue: "mail", body: { stoodInLine: true, messageKey: message.messageKey } }]);
    expect(mailMessageSchema.parse(dues[0]?.body).stoodInLine).toBe(true);
    expect([ledger.entry(), calls]).toEqual([undefined, []]);
  });

  test.each([
    ["welcome", true],
    ["cart-1", true],
    ["win-back-1", true],
    ["post-purchase", false],
  ])("%s is urgent: %s; in a broadcast nothing is", async (templateId, urgent) => {
    const { deps } = world();
    const asked: TurnWish[] = [];
    const pace = async (wish: TurnWish) => {
      asked.push(wish);
      return "now" as const;
    };
    await deliver({ ...deps, pace }, { ...message, templateId });
    const campaign = { type: "broadcast", id: "spring" } as const;
    const inBroadcast = { ...message, messageKey: "b", templateId, campaign, stoodInLine: true as const };
    await deliver({ ...world().deps, pace }, inBroadcast);
    expect(asked).toEqual([
      { ...mail, urgent },
      { ...mail, stoodInLine: true },
    ]);
  });
});

describe("in the table", () => {
  test("no room is handed out twice, nor a place in line", async () => {
    const table = await createTestTable(engine.url);
    const wish = { perMinute: 10, standing: "fresh", mails: 3, places: 3 } as const;
    const grants = await Promise.all(
      Array.from({ length: 8 }, () => claimDomainRate(table, "gmail.com", wish, () => start)),
    );
    expect(grants.reduce((sum, { mails }) => sum + mails, 0)).toBe(10);
    expect(grants.reduce((sum, { places }) => sum + (places?.count ?? 0), 0)).toBe(10);
    const [item] = await itemsOf(table, "rate");
    expect(item).toMatchObject({ pk: "MAILRATE#gmail.com", expiresAt: (minute + minutes(1)) / 1_000 + 86_400 });
  });

  test("a mail without a bound costs what it cost; ten with one cost two write units more together, at most", async () => {
    const costs = [];
    for (const bounds of [{}, { "example.com": 60 }]) {
      const { table, deps, mails } = await postRoom(engine);
      await ensureTokenKeys(table);
      const units = meter(table);
      const now = () => start;
      const claim = (domain: string, wish: Omit<DomainWish, "now">) => claimDomainRate(table, domain, wish, now);
      const pace = paceByDomain({ bounds, now, claim }, async () => "now");
      const batch = Array.from({ length: 10 }, (_, index) => ({ ...message, messageKey: `welcome:run1:${index}` }));
      await Promise.all(batch.map((one) => deliver({ ...deps, pace }, one)));
      expect(mails).toHaveLength(10);
      costs.push({ ...units });
    }
    const [without, bounded] = costs;
    expect(without?.write).toBe(20);
    expect(bounded?.write).toBeLessThanOrEqual(22);
    expect((bounded?.read ?? 0) - (without?.read ?? 0)).toBeLessThanOrEqual(2);
  });

  test("a mail that stands in line costs its due item and a share of a write", async () => {
    const { table, deps } = await postRoom(engine);
    const units = meter(table);
    const now = () => start;
    const claim = (domain: string, wish: Omit<DomainWish, "now">) => claimDomainRate(table, domain, wish, now);
    const pace = paceByDomain({ bounds: { "example.com": 10 }, now, claim }, async () => "now");
    await claimDomainRate(table, "example.com", { perMinute: 10, standing: "fresh", mails: 10, places: 0 }, now);
    const before = units.write;
    const campaign = { type: "broadcast", id: "spring" } as const;
    const offer = { ...message, campaign, templateId: "post-purchase" };
    const calm = { ...deps, pace, readGate: async () => "open" as const, caps: world().deps.caps };
    const batch = Array.from({ length: 10 }, (_, index) => ({ ...offer, messageKey: `late:${index}` }));
    await Promise.all(batch.map((one) => deliver(calm, one)));
    const waiting = await itemsOf(table, "due");
    expect(waiting).toHaveLength(10);
    // Two for each due item and its place in its owner's list.
    const cost = units.write - before;
    expect(cost).toBeGreaterThan(20);
    expect(cost).toBeLessThanOrEqual(23);
    for (const item of waiting) await deleteDue(table, item);
    expect(units.write - before - cost).toBe(20);
  });
});
