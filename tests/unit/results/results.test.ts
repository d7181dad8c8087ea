import { DeleteCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import type { Event } from "../../../shared/events/event.ts";
import { putEvent } from "../../../shared/events/event-store.ts";
import { readResults } from "../../../shared/results/report.ts";
import {
  creditStage,
  dirtyResultStages,
  mailFactStage,
  orderResultStage,
} from "../../../shared/results/result-stages.ts";
import { rollUpResults } from "../../../shared/results/roll-up.ts";
import type { Stage } from "../../../shared/stream/stage.ts";
import type { Table } from "../../../shared/table/client.ts";
import { itemSchema } from "../../../shared/table/item.ts";
import { engine } from "../../support/engine.ts";
import { meterOf } from "../../support/meter.ts";
import { settle } from "../../support/settle.ts";
import { createTestTable } from "../../support/table.ts";
import { itemsOf } from "../../support/table-contents.ts";
import { at, campaign, clickAt, day, mailEvent, orderEvent } from "./mails.ts";

const timeZone = "Europe/Berlin";
const now = () => new Date("2026-11-03T09:00:00.000Z");
const account = { timeZone, attributionDays: 5, mailPrice: { perThousand: 0.15, currency: "USD" } };

let table: Table;
let stages: readonly Stage[];
beforeEach(async () => {
  table = await createTestTable(engine.url);
  stages = stagesOf(table);
});

function stagesOf(of: Table): readonly Stage[] {
  return [
    mailFactStage({ table: of }),
    creditStage({ table: of, attributionDays: 5 }),
    orderResultStage({ table: of }),
    ...dirtyResultStages({ table: of, now }),
  ];
}

/** The events come one after the other, each followed up before the next. */
async function happens(...events: readonly Event[]): Promise<void> {
  for (const event of events) {
    await putEvent(table, event);
    await settle({ table, stages });
  }
  await rollUpResults({ table, timeZone, now });
}

const results = (id = "cart", of = table) =>
  readResults({ table: of, account, now: now() }, { type: "journey", id }, { from: day, to: day });

const mailed = (contactId: string, more = {}) => mailEvent("Email Sent", at("10:00:05"), { contactId, ...more });
const welcome = { messageKey: "m2", campaign: { ...campaign, id: "welcome" } };

describe("a campaign's results", () => {
  test("tell of its mails and of what was ordered after a click, in one currency each", async () => {
    await happens(
      mailed("c1"),
      mailEvent("Email Delivered", at("10:00:06")),
      clickAt(at("11:00:00")),
      orderEvent("Order Completed", at("12:00:00")),
      mailed("c2"),
      clickAt(at("11:00:00"), { contactId: "c2" }),
      orderEvent("Order Completed", at("12:00:00"), { contactId: "c2", orderId: "o2", currency: "EUR", amount: 700 }),
    );
    expect(await results()).toMatchObject({
      asOf: now().toISOString(),
      complete: false,
      totals: {
        sent: 2,
        delivered: 1,
        clicked: 2,
        converted: 2,
        orders: 2,
        revenue: { USD: 5000, EUR: 700 },
        refunded: {},
      },
      lines: [{ version: 1, stepId: "first", template: "cart-1@1", sent: 2 }],
      lift: null,
      cost: { amount: 0, currency: "USD", source: "mail counts" },
    });
  });

  test("show what was taken back on a line of its own, and no conversion when nothing is left", async () => {
    await happens(mailed("c1"), clickAt(at("11:00:00")), orderEvent("Order Completed", at("12:00:00")));
    await happens(orderEvent("Order Refunded", "2026-12-24T12:00:00.000Z", { amount: 1000 }));
    expect((await results()).totals).toMatchObject({ converted: 1, revenue: { USD: 5000 }, refunded: { USD: 1000 } });
    await happens(orderEvent("Order Cancelled", "2026-12-27T12:00:00.000Z"));
    expect((await results()).totals).toMatchObject({ converted: 0, orders: 0, refunded: { USD: 5000 } });
  });

  test("move an order to the campaign whose click turns out to be the last", async () => {
    await happens(clickAt(at("11:00:00")), orderEvent("Order Completed", at("12:00:00")));
    expect((await results()).totals).toMatchObject({ converted: 1 });
    await happens(clickAt(at("11:30:00"), welcome));
    expect((await results()).totals).toMatchObject({ converted: 0, revenue: {} });
    expect((await results("welcome")).totals).toMatchObject({ converted: 1, revenue: { USD: 5000 } });
  });

  test("take the day by the account's clocks", async () => {
    const about = { requestedAt: "2026-11-01T23:30:00.000Z" };
    await happens(mailEvent("Email Sent", "2026-11-01T23:30:05.000Z", about));
    expect((await results()).totals.sent).toBe(1);
  });

  test("find by its ledger what a mail was sent for whose reader unsubscribes", async () => {
    const ledger = { messageKey: "m1", template: "cart-1@1", campaign, requestedAt: at("10:00:00") };
    const counts = { version: 1, attempt: 1, refusals: 0, resends: 0 };
    const entry = { ...ledger, ...counts, stream: "marketing", correlationId: "x", state: "SENT", kind: "message" };
    await table.client.send(
      new PutCommand({ TableName: table.name, Item: { pk: "CONTACT#c1", sk: "MESSAGE#m1", ...entry } }),
    );
    const link = { addressHash: "h", contactId: "c1", messageKey: undefined, campaign: undefined };
    await happens(
      mailed("c1"),
      mailEvent("Unsubscribed", at("11:00:00"), { ...link, reference: "m1" }),
      mailEvent("Preferences Changed", at("11:05:00"), { ...link, reference: "m2", choice: "none" }),
      mailEvent("Unsubscribed", at("11:10:00"), link),
    );
    expect((await results()).totals).toMatchObject({ sent: 1, unsubscribed: 1 });
  });

  test("compare those who were meant to get a mail with those held out", async () => {
    const arm = (variant: string) => ({ campaign: { ...campaign, variant, first: true as const } });
    await happens(
      mailed("c1", arm("split:mail")),
      mailEvent("Email Skipped", at("10:00:05"), { contactId: "c2", ...arm("split:mail") }),
      mailEvent("Email Held Out", at("10:00:05"), { contactId: "c3", ...arm("split:none") }),
      mailEvent("Email Held Out", at("10:00:05"), { contactId: "c4", ...arm("split:none") }),
      orderEvent("Order Completed", at("12:00:00"), { contactId: "c1" }),
      orderEvent("Order Completed", at("12:00:00"), { contactId: "c3", orderId: "o3", amount: 300 }),
      orderEvent("Order Completed", "2026-11-08T12:00:00.000Z", { contactId: "c4", orderId: "o4" }),
    );
    const { totals, lift } = await results();
    expect(totals).toMatchObject({ sent: 1, heldOut: 2, converted: 0, revenue: {} });
    expect(lift).toMatchObject({
      verdict: "not enough data",
      mailed: { n: 2, ordered: 1, revenue: { USD: 5000 } },
      heldOut: { n: 2, ordered: 1, revenue: { USD: 300 } },
      revenue: { USD: 4700 },
    });
  });

  test("stay when a person is erased", async () => {
    await happens(mailed("c1"), clickAt(at("11:00:00")), orderEvent("Order Completed", at("12:00:00")));
    const before = (await results()).totals;
    for (const kind of ["event", "credit"] as const) {
      for (const { pk, sk } of await itemsOf(table, kind)) {
        await table.client.send(new DeleteCommand({ TableName: table.name, Key: { pk, sk } }));
      }
    }
    const kept = [...(await itemsOf(table, "mailFacts")), ...(await itemsOf(table, "orderResult"))];
    expect(JSON.stringify(kept)).not.toContain('c1"');
    for (const item of kept)
      for (const stage of stages) if (stage.kind === item.kind) await stage.run({ item, previous: undefined });
    await rollUpResults({ table, timeZone, now });
    expect((await results()).totals).toEqual(before);
  });

  test("cost two reads, whatever the number of mails", async () => {
    await happens(...Array.from({ length: 20 }, (_, n) => mailed(`c${n}`)));
    const used = meterOf(table);
    await results();
    expect(used.read).toBeLessThanOrEqual(1.5);
  });
});

describe("an open", () => {
  test("costs little beside others, and one unit and the day's mark when it is alone", async () => {
    const opens = Array.from({ length: 64 }, (_, n) =>
      mailEvent("Email Opened", at("11:00:00"), { contactId: `c${n}` }),
    );
    const used = meterOf(table);
    const [stage] = stages;
    const item = (event: Event) => ({ item: itemSchema.parse(event), previous: undefined });
    await stage?.run(item(mailEvent("Email Opened", at("12:00:00"))));
    expect(used.write).toBe(1);
    await Promise.all(opens.map((event) => stage?.run(item(event))));
    expect(used.write).toBeLessThanOrEqual(1 + 64 * 0.3);
  });

  test("that cannot be written fails, so that it runs again, and others after it are written", async () => {
    const [stage] = stages;
    const change = { item: itemSchema.parse(mailEvent("Email Opened", at("11:00:00"))), previous: undefined };
    const broken = { ...table, name: "no-such-table" };
    await expect(mailFactStage({ table: broken }).run(change)).rejects.toThrow();
    await stage?.run(change);
    expect(await itemsOf(table, "mailFacts")).toHaveLength(1);
  });
});

const story: readonly Event[] = [
  mailed("c1"),
  mailEvent("Email Delivered", at("10:00:06")),
  clickAt(at("11:00:00")),
  clickAt(at("11:20:00"), welcome),
  clickAt(at("11:40:00"), { link: "https://shop.example/b" }),
  clickAt(at("11:40:00"), { link: "https://shop.example/c" }),
  orderEvent("Order Completed", at("12:00:00")),
  orderEvent("Order Refunded", at("13:00:00"), { amount: 1500 }),
];

/** A table whose calls fail by chance, before or after their effect; a stage that failed runs again. */
function unreliable(of: Table, fails: () => "before" | "after" | "not"): Table {
  const send = async (command: Parameters<Table["client"]["send"]>[0]) => {
    const when = fails();
    if (when === "before") throw new Error("crashed before");
    const answer = await of.client.send(command);
    if (when === "after") throw new Error("crashed after");
    return answer;
  };
  return {
    name: of.name,
    client: new Proxy(of.client, { get: (target, name) => (name === "send" ? send : Reflect.get(target, name)) }),
  };
}

test("whatever comes in which order, twice, or with crashes anywhere, results are those of the history", async () => {
  const anyOrder = fc.shuffledSubarray([...story], { minLength: story.length });
  const anyFaults = fc.array(fc.constantFrom("before", "after", "not", "not", "not"), { minLength: 40, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(anyOrder, fc.boolean(), anyFaults, async (events, atOnce, faults) => {
      const fresh = await createTestTable(engine.url);
      let call = 0;
      const failing = stagesOf(unreliable(fresh, () => faults[call++] ?? "not"));
      const run = async (stage: Stage, change: Parameters<Stage["run"]>[0]) => {
        for (let attempt = 0; attempt < 60; attempt++) {
          try {
            return (await stage.run(change)) ?? undefined;
          } catch {
            // as the retry queue does
          }
        }
        throw new Error("a stage fails for ever");
      };
      const deliver = <T>(changes: readonly T[]) => [...changes, ...changes].reverse();
      for (const event of events) {
        await putEvent(fresh, event);
        if (!atOnce) await settle({ table: fresh, stages: failing, run, deliver });
      }
      await settle({ table: fresh, stages: failing, run, deliver });
      await rollUpResults({ table: fresh, timeZone, now });
      expect((await results("cart", fresh)).totals).toMatchObject({
        sent: 1,
        delivered: 1,
        clicked: 1,
        clicks: 1,
        converted: 0,
        revenue: {},
      });
      expect((await results("welcome", fresh)).totals).toMatchObject({
        clicked: 1,
        converted: 1,
        revenue: { USD: 5000 },
        refunded: { USD: 1500 },
      });
    }),
    { numRuns: 4 },
  );
});
