import { beforeEach, describe, expect, test } from "vitest";
import { createEvent } from "../../../shared/events/event.ts";
import { putEvent } from "../../../shared/events/event-store.ts";
import { wakeRun } from "../../../shared/journeys/advance-run-store.ts";
import { liveJourneys } from "../../../shared/journeys/journey-cache-store.ts";
import { publish } from "../../../shared/journeys/journey-change-store.ts";
import { triggerStage, wakeStage } from "../../../shared/journeys/journey-stages.ts";
import { openJourneys } from "../../../shared/journeys/journey-store.ts";
import { runItemSchema } from "../../../shared/journeys/run.ts";
import { runStage } from "../../../shared/journeys/run-stages.ts";
import type { WakeUp } from "../../../shared/journeys/wake-up.ts";
import type { Stage } from "../../../shared/stream/stage.ts";
import type { Table } from "../../../shared/table/client.ts";
import { engine } from "../../support/engine.ts";
import { runAll, settle } from "../../support/settle.ts";
import { recordingMailQueue } from "../../support/stage-contract.ts";
import { createTestTable } from "../../support/table.ts";
import { itemsOf } from "../../support/table-contents.ts";
import { at, hours, start } from "./journeys.ts";

let table: Table;
let mail: ReturnType<typeof recordingMailQueue>;
let wakeUps: { readonly wakeUp: WakeUp; readonly at: string }[];
let stages: readonly Stage[];
let clock: string;
let deps: Parameters<typeof wakeRun>[0];

beforeEach(async () => {
  table = await createTestTable(engine.url);
  mail = recordingMailQueue();
  wakeUps = [];
  clock = start;
  const now = () => new Date(clock);
  const store = openJourneys(table);
  const wakeUp = async (message: WakeUp, when: Date) => {
    wakeUps.push({ wakeUp: message, at: when.toISOString() });
  };
  deps = { table, store, live: liveJourneys(store, now), timeZone: "UTC", now, sendLater: wakeUp };
  stages = [
    triggerStage(deps),
    wakeStage(deps),
    runStage({ table, sendMail: mail.sendMail, sendWebhook: async () => undefined, wakeUp }),
  ];
});

interface Given {
  readonly occurredAt?: string;
  readonly contactId?: string;
  readonly properties?: Record<string, unknown>;
}

function event(name: string, origin: string, given: Given = {}) {
  const { contactId = "c1", occurredAt = clock, properties = {} } = given;
  return createEvent({ contactId, origin: [origin], name, occurredAt, receivedAt: clock, source: "test", properties });
}

async function happens(...args: Parameters<typeof event>): Promise<void> {
  await putEvent(table, event(...args));
  await settle({ table, stages });
}

/** Sends every wake-up that is due, oldest first, until none is. */
async function passTo(when: string): Promise<void> {
  for (;;) {
    const due = wakeUps.filter((waiting) => waiting.at <= when).sort((a, b) => (a.at < b.at ? -1 : 1))[0];
    if (due === undefined) break;
    wakeUps = wakeUps.filter((waiting) => waiting !== due);
    clock = due.at > clock ? due.at : clock;
    await wakeRun(deps, due.wakeUp);
    await settle({ table, stages });
  }
  clock = when;
}

const mails = () => [...new Set(mail.messages.map(({ messageKey }) => messageKey))];

describe("the welcome", () => {
  test("is asked for when a contact has subscribed", async () => {
    await happens("Subscribed", "first");
    expect(mail.messages).toMatchObject([
      {
        owner: { contactId: "c1" },
        messageKey: "welcome.once.0.greet",
        templateId: "welcome",
        run: { sk: "RUN#welcome#once#0", stepId: "greet" },
        campaign: { type: "journey", id: "welcome", version: 1, stepId: "greet", first: true },
        requestedAt: start,
        correlationId: event("Subscribed", "first").eventId,
      },
    ]);
  });

  test("comes once and for ever, however often a contact subscribes", async () => {
    for (const origin of ["first", "again", "and again"]) await putEvent(table, event("Subscribed", origin));
    await putEvent(table, event("Subscribed", "other", { contactId: "c2" }));
    await settle({ table, stages, deliver: (changes) => [...changes, ...changes] });
    expect(await itemsOf(table, "run")).toHaveLength(2);
    expect(mail.keys()).toHaveLength(2);
  });

  test("does not greet a person who subscribed more than 72 hours before we heard of it", async () => {
    await happens("Subscribed", "import", { occurredAt: at(-hours(72) - 1) });
    expect(await itemsOf(table, "run")).toEqual([]);
  });

  test("writes again after 2, 4 and 7 days, and stops at an unsubscribe", async () => {
    await happens("Subscribed", "first");
    await passTo(at(hours(4 * 24)));
    expect(mails()).toEqual(["welcome.once.0.greet", "welcome.once.0.second", "welcome.once.0.third"]);
    await happens("Unsubscribed", "enough");
    await passTo(at(hours(30 * 24)));
    expect(mails()).toHaveLength(3);
    expect(await itemsOf(table, "run")).toMatchObject([{ state: "ended", endedBy: "exit" }]);
  });
});

describe("an abandoned cart", () => {
  const cart = { properties: { cartId: "cart-1" } };
  const about = (step: string) => `abandoned-cart.cart-1.0.${step}`;

  test("gets its mails 1, 24 and 72 hours after it was last touched", async () => {
    await happens("Checkout Started", "checkout", cart);
    await passTo(at(hours(0.5)));
    await happens("Product Added", "more", cart);
    await passTo(at(hours(1.25)));
    expect(mails()).toEqual([]);
    await passTo(at(hours(1.5)));
    expect(mails()).toEqual([about("first")]);
    await passTo(at(hours(24.25)));
    expect(mails()).toHaveLength(1);
    await passTo(at(hours(80)));
    expect(mails()).toEqual([about("first"), about("second"), about("third")]);
    expect(mail.messages[0]?.data).toMatchObject({ cart: { id: "cart-1" }, event: { name: "Checkout Started" } });
  });

  test("gets no more once its contact orders, whether or not the order's record is followed up in time", async () => {
    await happens("Checkout Started", "checkout", cart);
    await passTo(at(hours(30)));
    await putEvent(table, event("Order Completed", "order"));
    await passTo(at(hours(100)));
    expect(mails()).toEqual([about("first"), about("second")]);
    expect((await itemsOf(table, "run")).find(({ journeyId }) => journeyId === "abandoned-cart")).toMatchObject({
      endedBy: "exit",
    });
  });

  test("whose order is told of before its checkout gets none", async () => {
    await happens("Order Completed", "order", { ...cart, occurredAt: at(-hours(1)) });
    await happens("Checkout Started", "checkout", cart);
    await passTo(at(hours(100)));
    expect(mails()).toEqual([]);
  });

  test.each([0, 30])("that somebody else ordered within %i hours gets no more", async (after) => {
    await happens("Checkout Started", "checkout", cart);
    await passTo(at(hours(after)));
    await happens("Cart Ended", "another's", { properties: { cartId: "cart-2" } });
    expect((await itemsOf(table, "run")).map(({ state }) => state)).toEqual(["active"]);
    await happens("Cart Ended", "its own", { properties: { ...cart.properties, orderId: "7" } });
    await passTo(at(hours(100)));
    expect(mails()).toEqual(after === 0 ? [] : [about("first"), about("second")]);
    expect(await itemsOf(table, "run")).toMatchObject([{ endedBy: "exit" }]);
  });

  test("is reminded of before its checkout is begun, and once only when it is", async () => {
    await happens("Product Added", "added", cart);
    await passTo(at(hours(0.5)));
    await happens("Cart Viewed", "viewed", cart);
    await passTo(at(hours(1)));
    await happens("Checkout Started", "checkout", { properties: { ...cart.properties, checkoutId: "checkout-1" } });
    await passTo(at(hours(1.75)));
    expect(mails()).toEqual([]);
    await passTo(at(hours(80)));
    expect(mails()).toEqual([about("first"), about("second"), about("third")]);
    expect(await itemsOf(table, "run")).toHaveLength(1);
  });

  const both = { cartId: "cart-1", checkoutId: "checkout-1" };
  test.each([
    ["its checkout alone, then by both", [{ checkoutId: "checkout-1" }, both, { cartId: "cart-1" }], "checkout-1"],
    ["both, then by its checkout alone", [both, { checkoutId: "checkout-1" }], "cart-1"],
    [
      "its cart, then by both, then by its checkout alone",
      [{ cartId: "cart-1" }, both, { checkoutId: "checkout-1" }],
      "cart-1",
    ],
  ])("has one run, known by %s", async (_, tokens, key) => {
    for (const [index, properties] of tokens.entries()) {
      await passTo(at(hours(index / 2)));
      await happens("Checkout Started", `told-${index}`, { properties });
    }
    const last = (tokens.length - 1) / 2;
    await passTo(at(hours(last + 0.9)));
    expect(mails()).toEqual([]);
    await passTo(at(hours(last + 1)));
    expect(mails()).toEqual([`abandoned-cart.${key}.0.first`]);
    const [first = {}] = tokens.toReversed();
    await happens("Cart Ended", "another's", { properties: first });
    expect(await itemsOf(table, "run")).toMatchObject([{ entryKey: key, endedBy: "exit" }]);
  });

  test("that is heard of late is not reminded of twice at once", async () => {
    await happens("Product Added", "late", { ...cart, occurredAt: at(-hours(30)) });
    await passTo(start);
    expect(mails()).toEqual([about("second")]);
    await passTo(at(hours(80)));
    expect(mails()).toEqual([about("second"), about("third")]);
  });

  test("that is shown empty starts nothing", async () => {
    await happens("Cart Viewed", "emptied", { properties: { ...cart.properties, products: [], empty: true } });
    expect(await itemsOf(table, "run")).toEqual([]);
  });

  test("that but a browser claims to be somebody's gets none", async () => {
    await putEvent(table, { ...event("Checkout Started", "claimed", cart), claimed: true });
    await settle({ table, stages });
    expect(await itemsOf(table, "run")).toEqual([]);
  });

  test("without a token starts nothing; another cart is a run of its own", async () => {
    await happens("Checkout Started", "none");
    expect(await itemsOf(table, "run")).toEqual([]);
    await happens("Checkout Started", "one", cart);
    await happens("Checkout Started", "two", { properties: { checkoutId: "2" } });
    expect((await itemsOf(table, "run")).map(({ sk }) => sk)).toEqual([
      "RUN#abandoned-cart#2#0",
      "RUN#abandoned-cart#cart-1#0",
    ]);
  });
});

test("a customer is thanked once in 30 days, and again after them", async () => {
  await happens("Order Completed", "first");
  await happens("Order Completed", "second");
  await passTo(at(hours(20 * 24)));
  await happens("Order Completed", "third");
  await passTo(at(hours(31 * 24)));
  await happens("Order Completed", "fourth");
  await settle({ table, stages });
  await passTo(at(hours(60 * 24)));
  expect(mails()).toEqual(["post-purchase.once.0.thanks", "post-purchase.once.1.thanks"]);
});

describe("a journey that comes as a draft", () => {
  const publishShipped = async (id: string) => {
    const head = await deps.store.head(id);
    if (head === undefined) throw new Error(`no ${id}`);
    await deps.store.putHead(await publish(deps.store, head));
  };

  test("starts nobody until it is published", async () => {
    await happens("Form Submitted", "before");
    await passTo(at(hours(16 * 24)));
    expect(mails()).toEqual([]);
    await publishShipped("lead-nurture");
    await happens("Form Submitted", "after");
    await passTo(at(hours(40 * 24)));
    expect(mails()).toEqual(["first", "second", "third"].map((step) => `lead-nurture.once.0.${step}`));
  });

  test("about a product that was looked at says nothing to who goes on to a cart, nor twice in a week", async () => {
    await publishShipped("browse-abandonment");
    await happens("Product Viewed", "one", { properties: { product: { name: "Tea", quantity: 1 } } });
    await passTo(at(hours(3)));
    await happens("Product Viewed", "two", { properties: { product: { name: "Cup", quantity: 1 } } });
    await passTo(at(hours(6)));
    expect(mails()).toEqual([]);
    await passTo(at(hours(8)));
    expect(mails()).toEqual(["browse-abandonment.once.0.remind"]);
    await happens("Product Viewed", "three");
    await passTo(at(hours(8 * 24)));
    await happens("Product Viewed", "four");
    await happens("Product Added", "added");
    await passTo(at(hours(9 * 24)));
    expect(mails()).toEqual(["browse-abandonment.once.0.remind"]);
  });

  test("asks for an opinion of an order that was kept only", async () => {
    await publishShipped("review-request");
    await happens("Order Completed", "kept");
    await passTo(at(hours(15 * 24)));
    expect(mails().filter((key) => key.startsWith("review"))).toEqual(["review-request.once.0.ask"]);
    await passTo(at(hours(70 * 24)));
    await happens("Order Completed", "sent-back");
    await happens("Order Refunded", "refund");
    await passTo(at(hours(90 * 24)));
    expect(mails().filter((key) => key.startsWith("review"))).toEqual(["review-request.once.0.ask"]);
  });

  test("tells a week after an order that was kept what goes with it, at most once in 30 days", async () => {
    const crossSells = () => mails().filter((key) => key.startsWith("cross-sell"));
    await publishShipped("cross-sell");
    await happens("Order Completed", "a-test", { properties: { test: true } });
    await happens("Order Completed", "kept");
    await passTo(at(hours(6 * 24)));
    expect(crossSells()).toEqual([]);
    await happens("Order Completed", "another");
    await passTo(at(hours(20 * 24)));
    expect(crossSells()).toEqual(["cross-sell.once.0.recommend"]);
    await passTo(at(hours(40 * 24)));
    await happens("Order Completed", "cancelled");
    await happens("Order Cancelled", "cancellation");
    await passTo(at(hours(50 * 24)));
    expect(crossSells()).toEqual(["cross-sell.once.0.recommend"]);
  });
});

test.each([
  [{ segmentId: "past-cycle" }, 1],
  [{ segmentId: "active" }, 0],
  [{ segmentId: "past-cycle", historic: true }, 0],
  [{ segmentId: "past-cycle", rebuild: true }, 0],
])(
  "a win-back begins with who enters the segment of customers past their cycle today: %j",
  async (properties, begun) => {
    await happens("Segment Entered", "entered", { properties });
    expect(mails()).toHaveLength(begun);
  },
);

describe("a wake-up", () => {
  test("that comes twice, or for an older version of the run, does nothing", async () => {
    await happens("Subscribed", "first");
    const [first] = wakeUps;
    clock = at(hours(48));
    if (first === undefined) throw new Error("no wake-up");
    expect(await wakeRun(deps, first.wakeUp)).toBe("advanced");
    expect(await wakeRun(deps, first.wakeUp)).toBe("nothing");
    expect(await wakeRun(deps, { ...first.wakeUp, sk: "RUN#gone#once#0" })).toBe("nothing");
  });

  test("that comes early comes again in time", async () => {
    await happens("Subscribed", "first");
    const [first] = wakeUps;
    wakeUps = [];
    clock = at(hours(1));
    if (first === undefined) throw new Error("no wake-up");
    expect(await wakeRun(deps, first.wakeUp)).toBe("wait");
    expect(wakeUps).toEqual([first]);
  });
});

describe("the run stage", () => {
  test("does only what the last write wants done, and everything when it does not know the write", async () => {
    await happens("Subscribed", "first");
    const before = runItemSchema.parse((await itemsOf(table, "run"))[0]);
    await passTo(at(hours(48)));
    const after = runItemSchema.parse((await itemsOf(table, "run"))[0]);
    mail.messages.length = 0;
    wakeUps = [];
    await runAll(stages, { item: after, previous: before });
    expect(mails()).toEqual(["welcome.once.0.second"]);
    expect(wakeUps).toHaveLength(1);
    await runAll(stages, { item: after, previous: undefined });
    expect(mails()).toEqual(["welcome.once.0.second", "welcome.once.0.greet"]);
    expect(wakeUps).toHaveLength(2);
  });

  test("fails when a queue does, so that it runs again", async () => {
    await happens("Subscribed", "first");
    const item = runItemSchema.parse((await itemsOf(table, "run"))[0]);
    const refuse = async () => {
      throw new Error("no queue");
    };
    const accept = async () => undefined;
    const change = { item, previous: undefined };
    await expect(
      runStage({ table, sendMail: refuse, sendWebhook: async () => undefined, wakeUp: accept }).run(change),
    ).rejects.toThrow("no queue");
    await expect(
      runStage({ table, sendMail: accept, sendWebhook: async () => undefined, wakeUp: refuse }).run(change),
    ).rejects.toThrow("no queue");
  });
});
