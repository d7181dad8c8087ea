import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { appendStage, foldStage, resolveStage } from "../../../shared/contacts/contact-stages.ts";
import { joinStage, orderedCartStage, releaseStages, waitingStage } from "../../../shared/contacts/join-stages.ts";
import { eventSchema, mayStart } from "../../../shared/events/event.ts";
import type { Intake } from "../../../shared/intake/intake.ts";
import { isHistoric } from "../../../shared/segments/historic.ts";
import type { Stage } from "../../../shared/stream/stage.ts";
import type { Table } from "../../../shared/table/client.ts";
import { engine } from "../../support/engine.ts";
import { meterOf } from "../../support/meter.ts";
import { settle } from "../../support/settle.ts";
import { stageRules } from "../../support/stage-rules.ts";
import { createTestTable } from "../../support/table.ts";
import { contentsOf, itemsOf } from "../../support/table-contents.ts";
import { callIntake, putIntake } from "./intakes.ts";

const joining = new Date("2026-01-20T10:00:00.000Z");
const visitor = "4b0b3b5e-anonymous-visitor";
const cart = "cart-token-of-32-random-characters";
const checkout = "checkout-token-of-32-random-chars";
const mug = { productId: "mug", name: "Mug", quantity: 1, price: { amount: 1_000, currency: "EUR" } };

let table: Table;
let stages: readonly Stage[];
async function open(): Promise<void> {
  table = await createTestTable(engine.url);
  let ids = 0;
  const deps = { table, newId: () => `c${++ids}`, now: () => joining };
  stages = [
    resolveStage(deps),
    appendStage(deps),
    joinStage(deps),
    waitingStage(deps),
    ...releaseStages(deps),
    foldStage({ table, rules: stageRules }),
    orderedCartStage(deps),
  ];
}
beforeEach(open);

const viewed = (intakeId: string, at?: string) =>
  callIntake({ intakeId, event: "Page Viewed", anonymousId: visitor, ...(at !== undefined && { at }) });
const added = (intakeId: string, person: { anonymousId?: string } = {}) =>
  callIntake({ intakeId, event: "Product Added", properties: { cartId: cart, product: mug }, ...person });
const identified = (intakeId: string, email = "ada@example.com") =>
  callIntake({ intakeId, event: "Identified", email, anonymousId: visitor, properties: { fields: {}, traits: {} } });
const ordered = (intakeId: string, tokens: Record<string, unknown>, email?: string) =>
  callIntake({
    intakeId,
    event: "Order Completed",
    ...(email !== undefined && { email }),
    properties: { orderId: "1001", revenue: { amount: 1_000, currency: "EUR" }, products: [], ...tokens },
  });

async function timelineAfter(...intakes: readonly Intake[]): Promise<readonly string[]> {
  for (const intake of intakes) {
    const known = await contentsOf(table);
    await putIntake(table, intake);
    await settle({ table, stages, known });
  }
  return timeline();
}

async function timeline(): Promise<readonly string[]> {
  return (await itemsOf(table, "event")).map(({ pk, name }) => `${String(pk).slice(8)} ${name}`).sort();
}

describe("what an unknown person does", () => {
  test("waits for 30 days, on nobody's timeline", async () => {
    expect(await timelineAfter(viewed("v1"), added("a1"))).toEqual([]);
    expect(await itemsOf(table, "contact")).toEqual([]);
    const thirtyDays = Date.parse("2026-02-04T10:00:00Z") / 1000;
    expect((await itemsOf(table, "waiting")).map(({ expiresAt }) => expiresAt)).toEqual([thirtyDays, thirtyDays]);
  });

  test("joins the person who identifies, and what comes afterwards is theirs at once", async () => {
    const joined = await timelineAfter(
      viewed("v1"),
      added("a1", { anonymousId: visitor }),
      identified("i1"),
      viewed("v2"),
    );
    expect(joined).toEqual(["c1 Identified", "c1 Page Viewed", "c1 Page Viewed", "c1 Product Added"]);
    expect(await itemsOf(table, "contact")).toMatchObject([{ carts: { [cart]: { value: 1_000 } } }]);
    expect(await itemsOf(table, "waiting")).toHaveLength(3);
  });

  test("joins through a chain of tokens: the visitor's cart becomes a checkout becomes an order", async () => {
    const started = callIntake({
      intakeId: "s1",
      event: "Checkout Started",
      properties: { cartId: cart, checkoutId: checkout, products: [mug] },
    });
    const joined = await timelineAfter(
      viewed("v1"),
      added("a1", { anonymousId: visitor }),
      started,
      ordered("o1", { checkoutId: checkout }, "ada@example.com"),
    );
    expect(joined).toEqual(["c1 Checkout Started", "c1 Order Completed", "c1 Page Viewed", "c1 Product Added"]);
    expect(await itemsOf(table, "contact")).toMatchObject([{ carts: {}, orders: 1 }]);
  });

  test("is heard of when its person becomes known: what waited too long starts nothing", async () => {
    await timelineAfter(viewed("v1"), identified("i1"));
    const [event] = (await itemsOf(table, "event")).filter(({ name }) => name === "Page Viewed");
    expect(event).toMatchObject({ occurredAt: "2026-01-05T10:00:00.000Z", receivedAt: joining.toISOString() });
  });

  test("stays with the first who identified: another person at the same browser gets nothing of it", async () => {
    const joined = await timelineAfter(
      viewed("v1"),
      identified("i1"),
      identified("i2", "grace@example.com"),
      viewed("v2"),
    );
    expect(joined).toEqual(["c1 Identified", "c1 Page Viewed", "c1 Page Viewed", "c2 Identified"]);
  });
});

describe("what a browser claims", () => {
  const page = { anonymousId: visitor, browser: true } as const;
  const claims = (intakeId: string, email = "victim@example.com") =>
    callIntake({ intakeId, event: "Identified", email, ...page, properties: { fields: {}, traits: {} } });
  const filled = (intakeId: string, tokens: Record<string, string> = {}) =>
    callIntake({ intakeId, event: "Product Added", ...page, properties: { ...tokens, product: mug } });
  const started = (intakeId: string, tokens: Record<string, string>, email?: string) =>
    callIntake({
      intakeId,
      event: "Checkout Started",
      ...(email !== undefined && { email }),
      properties: { ...tokens, products: [mug] },
    });

  /** What may start something, and what may not, of each contact. */
  async function startsAfter(...intakes: readonly Intake[]) {
    await timelineAfter(...intakes);
    const events = await itemsOf(table, "event");
    const lines = (claimed: boolean) =>
      events
        .filter((event) => (event.claimed === true) === claimed)
        .map(({ pk, name }) => `${String(pk).slice(8)} ${name}`);
    return { claimed: lines(true).sort(), sure: lines(false).sort() };
  }

  test("stands on the timeline of the address that it names, and starts nothing", async () => {
    expect(await startsAfter(claims("i1"), filled("a1"))).toEqual({
      claimed: ["c1 Identified", "c1 Product Added"],
      sure: [],
    });
    expect((await itemsOf(table, "event")).some((event) => mayStart(eventSchema.parse(event)))).toBe(false);
    const [contact] = await itemsOf(table, "contact");
    expect(isHistoric(undefined, contact ?? {}, joining)).toBe(true);
  });

  test("is believed once a server has said the same, from then on", async () => {
    const signedIn = callIntake({
      intakeId: "s1",
      event: "Identified",
      email: "victim@example.com",
      anonymousId: visitor,
      properties: { fields: {}, traits: {} },
    });
    expect(await startsAfter(claims("i1"), signedIn, filled("a1"))).toEqual({
      claimed: ["c1 Identified"],
      sure: ["c1 Identified", "c1 Product Added"],
    });
  });

  test("is believed of who holds a cart that a server says is theirs, and so is that browser afterwards", async () => {
    const [shown, theirs] = [started("s1", { cartId: cart }, "victim@example.com"), filled("a1", { cartId: cart })];
    expect(await startsAfter(claims("i1"), shown, theirs, filled("a2"))).toEqual({
      claimed: ["c1 Identified"],
      sure: ["c1 Checkout Started", "c1 Product Added", "c1 Product Added"],
    });
  });

  test("is not believed for a token that anybody may guess", async () => {
    const short = { cartId: "1234" };
    const { claimed } = await startsAfter(
      claims("i1"),
      started("s1", short, "victim@example.com"),
      filled("a1", short),
    );
    expect(claimed).toEqual(["c1 Identified", "c1 Product Added"]);
  });

  test("yields to what a server tells of whose a cart is; until then, what is told of it without an address starts nothing", async () => {
    const tokens = { cartId: cart };
    const told = [claims("i1"), filled("a1", tokens), started("s1", tokens)];
    expect((await startsAfter(...told)).claimed).toEqual(["c1 Checkout Started", "c1 Identified", "c1 Product Added"]);
    const { sure } = await startsAfter(started("s2", tokens, "buyer@example.com"), started("s3", tokens));
    expect(sure).toEqual(["c2 Checkout Started", "c2 Checkout Started"]);
  });
});

describe("an account of a shop", () => {
  const bought = (intakeId: string, person: { userId?: string; email?: string }) =>
    callIntake({ intakeId, event: "Video Watched", ...person });

  test("is the same person as its address, before and after that is known", async () => {
    const joined = await timelineAfter(
      bought("b1", { userId: "u1" }),
      bought("b2", { userId: "u1", email: "ada@example.com" }),
      bought("b3", { userId: "u1" }),
    );
    expect(joined).toEqual(["c1 Video Watched", "c1 Video Watched", "c1 Video Watched"]);
  });

  test("that gives a new address stays one contact", async () => {
    await timelineAfter(
      bought("b1", { userId: "u1", email: "ada@example.com" }),
      bought("b2", { userId: "u1", email: "ada@new.example" }),
    );
    expect(await itemsOf(table, "contact")).toMatchObject([{ email: { value: "ada@example.com" } }]);
    expect(await itemsOf(table, "identity")).toMatchObject([{ contactId: "c1" }, { contactId: "c1" }]);
  });

  test("whose address the shop changes gets its mail at the new one, also when the change is heard of first", async () => {
    const says = (intakeId: string, email: string, at?: string) =>
      callIntake({
        intakeId,
        event: "Identified",
        email,
        userId: "u1",
        properties: { fields: {}, traits: {} },
        ...(at && { at }),
      });
    const old = says("i1", "ada@example.com");
    const changed = says("i2", "ada@new.example", "2026-01-06T10:00:00.000Z");
    for (const story of [
      [old, changed, bought("b1", { userId: "u1", email: "ada@example.com" })],
      [changed, old],
    ]) {
      await open();
      await timelineAfter(...story);
      expect(await itemsOf(table, "contact")).toMatchObject([
        { email: { value: "ada@new.example" }, addresses: ["ada@example.com", "ada@new.example"] },
      ]);
    }
  });
});

describe("a refund that names nobody", () => {
  const refunded = callIntake({
    intakeId: "r1",
    event: "Order Refunded",
    properties: { orderId: "1001", refundId: "1", revenue: { amount: 400, currency: "EUR" }, products: [] },
  });

  test("is the buyer's, whichever is heard of first", async () => {
    const order = ordered("o1", {}, "ada@example.com");
    for (const intakes of [
      [order, refunded],
      [refunded, order],
    ]) {
      await open();
      await timelineAfter(...intakes);
      expect(await itemsOf(table, "contact")).toMatchObject([
        { orders: 1, revenue: { EUR: 600 }, refunded: { EUR: 400 } },
      ]);
    }
  });
});

describe("a cart that is paid for by another address than was typed", () => {
  const tokens = { cartId: cart, checkoutId: checkout };
  const started = (intakeId: string, more: Record<string, unknown> = tokens) =>
    callIntake({
      intakeId,
      event: "Checkout Started",
      email: "typed@example.com",
      properties: { ...more, products: [mug] },
    });
  const paid = (more: Record<string, unknown> = {}) => ordered("o1", { ...tokens, ...more }, "applepay@example.com");

  test.each([
    ["before the order", [started("s1"), paid()]],
    ["after the order", [paid(), started("s1")]],
    ["by its checkout alone", [started("s1", { checkoutId: checkout }), paid()]],
    ["and again afterwards", [started("s1"), paid(), started("s2")]],
  ])("ends, told of %s", async (_, intakes) => {
    await timelineAfter(...intakes);
    const [typed] = (await itemsOf(table, "identity")).filter(({ pk }) => String(pk).endsWith("typed@example.com"));
    const ended = (await itemsOf(table, "event")).filter(({ name }) => name === "Cart Ended");
    expect(ended).toMatchObject([
      { pk: `CONTACT#${typed?.contactId}`, properties: { ...tokens, orderId: "1001" }, source: "shop" },
    ]);
    const profiles = await itemsOf(table, "contact");
    expect(profiles.map(({ carts, orders }) => [carts, orders]).sort()).toEqual([
      [{}, 0],
      [{}, 1],
    ]);
  });

  test("in any order, however often delivered, ends once", async () => {
    const backwards = <Change>(changes: readonly Change[]) => [...changes, ...changes].reverse();
    for (const intakes of [
      [started("s1"), paid()],
      [paid(), started("s1")],
    ]) {
      await open();
      for (const intake of intakes) await putIntake(table, intake);
      await settle({ table, stages, deliver: backwards });
      const names = (await timeline()).map((line) => line.slice(3));
      expect(names.sort()).toEqual(["Cart Ended", "Checkout Started", "Order Completed"]);
    }
  });

  test.each([
    ["a test order", [started("s1"), paid({ test: true })]],
    ["an order of another cart", [started("s1", { cartId: "another-cart-of-32-characters-abc" }), paid()]],
    ["an order by the same address", [started("s1"), ordered("o1", tokens, "typed@example.com")]],
  ])("is told of no end by %s", async (_, intakes) => {
    expect((await timelineAfter(...intakes)).join()).not.toContain("Cart Ended");
  });
});

test("in any order, however often delivered, everything joins one person once", async () => {
  const intakes = [
    viewed("v1"),
    viewed("v2", "2026-01-05T11:00:00.000Z"),
    added("a1", { anonymousId: visitor }),
    added("a2"),
    identified("i1"),
    ordered("o1", { cartId: cart }),
  ];
  const all = fc.shuffledSubarray(intakes, { minLength: intakes.length });
  await fc.assert(
    fc.asyncProperty(all, fc.boolean(), fc.boolean(), async (order, oneByOne, backwards) => {
      await open();
      const deliver = <Change>(changes: readonly Change[]) => {
        const twice = [...changes, ...changes];
        return backwards ? twice.reverse() : twice;
      };
      for (const intake of order) {
        await putIntake(table, intake);
        if (oneByOne) await settle({ table, stages, deliver });
      }
      await settle({ table, stages, deliver });
      expect(await timeline()).toEqual([
        "c1 Identified",
        "c1 Order Completed",
        "c1 Page Viewed",
        "c1 Page Viewed",
        "c1 Product Added",
        "c1 Product Added",
      ]);
      expect(await itemsOf(table, "contact")).toHaveLength(1);
    }),
    { numRuns: 12 },
  );
}, 60_000);

test("costs at most 6 write units an event, but for the one that makes a contact", async () => {
  const units: Record<string, number> = {};
  const used = meterOf(table);
  for (const intake of [
    identified("i1"),
    viewed("v1"),
    added("a1", { anonymousId: visitor }),
    added("a2", { anonymousId: visitor }),
    ordered("o1", { cartId: cart, checkoutId: checkout }, "ada@example.com"),
    callIntake({ intakeId: "w1", event: "Page Viewed", anonymousId: "another-unknown-visitor" }),
  ]) {
    const before = used.write;
    await putIntake(table, intake);
    await settle({ table, stages });
    units[intake.intakeId] = used.write - before;
  }
  expect(units).toMatchInlineSnapshot(`
    {
      "a1": 6,
      "a2": 4,
      "i1": 8,
      "o1": 6,
      "v1": 3,
      "w1": 3,
    }
  `);
});
