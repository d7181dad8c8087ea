import * as fc from "fast-check";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { getContact } from "../../../shared/contacts/contact-store.ts";
import { findByEmail } from "../../../shared/contacts/identity-store.ts";
import { type Intake, intakeSchema, type PrivacyPayload } from "../../../shared/intake/intake.ts";
import { listErasures, listLateFacts, readErasure } from "../../../shared/privacy/erasure-store.ts";
import { afterShopPage, answered, isBeyondShop, newPrivacyRequest } from "../../../shared/privacy/privacy-request.ts";
import { privacyRequestStage } from "../../../shared/privacy/privacy-request-stages.ts";
import { listPrivacyRequests, readPrivacyRequest } from "../../../shared/privacy/privacy-request-store.ts";
import type { Table } from "../../../shared/table/client.ts";
import type { Item } from "../../../shared/table/item.ts";
import { crashing } from "../../support/crashing.ts";
import { contentsOf, itemsOf } from "../../support/table-contents.ts";
import { callIntake, formIntake, orderIntake, putIntake } from "../contacts/intakes.ts";
import { adasStory, at, type ErasureWorld, email, erasureWorld, words } from "./erasure-world.ts";
import { tracesOf } from "./traces.ts";

const later = "2026-01-05T11:00:00.000Z";

/** What a shop passes on, as the door keeps it. */
function requestIntake(payload: Partial<PrivacyPayload>, n = 1): Extract<Intake, { type: "privacy" }> {
  const { payload: _, type: __, ...base } = formIntake({ intakeId: String(n).repeat(32), email, at: later });
  const told = { request: "erasure", source: "shop", orderIds: [], ...payload };
  const intake = intakeSchema.parse({ ...base, type: "privacy", payload: told });
  if (intake.type !== "privacy") throw new Error("not a privacy request");
  return intake;
}

let story: readonly Item[];
beforeAll(async () => {
  story = await adasStory();
});

let world: ErasureWorld;
let table: Table;
beforeEach(async () => {
  world = await erasureWorld(story);
  world.clock.now = new Date(later);
  table = world.table;
});

const arrives = async (...intakes: Intake[]) => {
  for (const intake of intakes) await putIntake(table, intake);
  await world.work();
};
const requests = async () => (await listPrivacyRequests(table, { limit: 10 })).items;

describe("a shop's word that a customer is to be forgotten", () => {
  test.each<[string, Partial<PrivacyPayload>]>([
    ["address", { email: "Ada.Lovelace@Example.com" }],
    ["account", { userId: "customer-4711" }],
    ["account, with another address", { userId: "customer-4711", email: "ada@new.example" }],
    ["order", { orderIds: ["unheard-of", "i3"] }],
  ])("by their %s erases them as an administrator would", async (_, payload) => {
    await arrives(requestIntake(payload));
    expect(await getContact(table, "c1")).toBeUndefined();
    expect(await tracesOf(table, [...words, "ada@new.example"])).toEqual([]);
    expect(await readErasure(table, "c1")).toMatchObject({ reason: "shop", requestedBy: "shop", erasedAt: later });
    expect(await requests()).toMatchObject([{ type: "erasure", state: "done", contactIds: ["c1"] }]);
  });

  test("that comes again, and once more under another name, changes nothing and makes nobody", async () => {
    await arrives(requestIntake({ email }));
    const before = await listErasures(table, { limit: 10 });
    await arrives(requestIntake({ email }));
    await arrives(requestIntake({ email, userId: "customer-4711" }, 2));
    const { items } = await listErasures(table, { limit: 10 });
    expect(items.filter(({ contactId }) => contactId === "c1")).toEqual(before.items);
    expect(await itemsOf(table, "contact")).toEqual([]);
    expect(await tracesOf(table, words)).toEqual([]);
  });

  test("of nobody we know is recorded, and refuses what is older and comes later", async () => {
    const stranger = "grace@example.com";
    await arrives(requestIntake({ email: stranger, userId: "customer-1" }));
    expect(await requests()).toMatchObject([{ state: "done", contactIds: [] }]);
    expect((await itemsOf(table, "contact")).map(({ contactId }) => contactId)).toEqual(["c1"]);
    await arrives(orderIntake({ intakeId: "old", email: stranger, at }));
    expect(await findByEmail(table, stranger)).toBeUndefined();
    expect(await tracesOf(table, [stranger, "customer-1"])).toEqual([]);
    expect(await listLateFacts(table, "1".repeat(32))).toMatchObject([{ submissionId: "old" }]);
    await arrives(orderIntake({ intakeId: "new", email: stranger, at: "2026-01-05T12:00:00.000Z" }));
    expect(await findByEmail(table, stranger)).toBe("c2");
  });

  test("erases both contacts when its account and its address are two of ours", async () => {
    await arrives(formIntake({ intakeId: "i9", email: "ada@work.example" }));
    await arrives(requestIntake({ userId: "customer-4711", email: "ada@work.example" }));
    expect((await listErasures(table, { limit: 10 })).items).toHaveLength(2);
    expect(await tracesOf(table, [...words, "ada@work.example"])).toEqual([]);
  });

  test("is carried out whatever call crashes, and however many work on it", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ nth: fc.integer({ min: 1, max: 14 }), after: fc.boolean() }), { maxLength: 3 }),
        async (crashes) => {
          world = await erasureWorld(story);
          world.clock.now = new Date(later);
          table = world.table;
          const intake = requestIntake({ email });
          await putIntake(table, intake);
          const stageOn = (on: Table) => privacyRequestStage({ table: on }).run({ item: intake, previous: undefined });
          for (const crash of crashes) {
            await Promise.allSettled([stageOn(crashing(table, crash)), stageOn(table)]);
          }
          await world.work();
          expect(await tracesOf(table, words)).toEqual([]);
          expect(await requests()).toMatchObject([{ contactIds: ["c1"] }]);
        },
      ),
      { numRuns: 6 },
    );
  });
});

describe("a shop's word that a customer wants to know what is held", () => {
  const asked = { request: "access", reference: "77", shop: "harbour.example" } as const;

  test("stands on their timeline and on the list, once, until somebody has answered", async () => {
    for (const _ of [1, 2]) await arrives(requestIntake({ ...asked, email, userId: "customer-4711" }));
    const told = (await itemsOf(table, "event")).filter(({ name }) => name === "Privacy Request Received");
    expect(told.map(({ properties }) => properties)).toEqual([
      { request: "access", shop: "harbour.example", reference: "77" },
    ]);
    const [request] = await requests();
    expect(request).toMatchObject({ state: "open", contactIds: ["c1"], dueAt: "2026-02-04T11:00:00.000Z" });
    expect(await getContact(table, "c1")).toBeDefined();
  });

  test("of nobody we know is recorded and done: nothing is held", async () => {
    await arrives(requestIntake({ ...asked, email: "grace@example.com" }));
    expect(await requests()).toMatchObject([{ state: "done", contactIds: [], reference: "77" }]);
    expect(await tracesOf(table, ["grace@example.com"])).toEqual([]);
  });
});

describe("a shop that is to be forgotten", () => {
  const people = ["one", "two", "three", "four", "five"].map((name) => `${name}@buyers.example`);

  test("takes all with it whom it alone told us of, however many pages that is", async () => {
    await arrives(...people.map((who, n) => orderIntake({ intakeId: `order-${n}`, email: who })));
    // Ada filled in a form as well; of the fourth another shop tells too.
    const other = orderIntake({ intakeId: "order-x", email: people[3] ?? "" });
    await arrives(intakeSchema.parse({ ...other, payload: { ...other.payload, source: "other-shop" } }));
    await arrives(requestIntake({ request: "shop" }));
    const left = (await itemsOf(table, "contact")).map(({ email: held }) => held);
    expect(left).toMatchObject([{ value: email }, { value: people[3] }]);
    expect(await requests()).toMatchObject([{ type: "shop", state: "done", erased: 4, contactIds: [] }]);
    expect((await readPrivacyRequest(table, "1".repeat(32)))?.walk).toBeUndefined();
    const before = await contentsOf(table);
    await arrives(requestIntake({ request: "shop" }));
    expect((await itemsOf(table, "contact")).length).toBe(2);
    expect((await contentsOf(table)).size).toBe(before.size);
  });

  test.each([
    ["shop", false],
    ["mail", false],
    ["page", false],
    ["journey", false],
    ["form", true],
    ["staff", true],
    ["other-shop", true],
  ])("an event of %s says that somebody is known beyond it: %s", (source, expected) => {
    expect(isBeyondShop(source, "shop")).toBe(expected);
  });

  test("is walked shard by shard, page by page", () => {
    const now = new Date(later);
    const first = newPrivacyRequest(requestIntake({ request: "shop" }), []);
    const second = afterShopPage(first, { erased: 2, next: "x" }, 2, now);
    const third = afterShopPage(second, { erased: 1, next: undefined }, 2, now);
    const last = afterShopPage(third, { erased: 0, next: undefined }, 2, now);
    expect([first, second, third, last].map(({ walk, erased, state }) => [walk, erased, state])).toEqual([
      [{ shard: 0 }, 0, "open"],
      [{ shard: 0, after: "x" }, 2, "open"],
      [{ shard: 1 }, 3, "open"],
      [undefined, 3, "done"],
    ]);
  });
});

test("an answer is noted with who gave it, and taken back", () => {
  const open = newPrivacyRequest(requestIntake({ request: "access" }), ["c1"]);
  const done = answered(open, "kim", new Date(later));
  expect(done).toMatchObject({ state: "done", doneBy: "kim", doneAt: later, version: 2 });
  expect(answered(done, undefined, new Date(later))).toEqual({ ...open, version: 3 });
});

test("a late copy of an event of theirs makes nobody new", async () => {
  await arrives(requestIntake({ email }));
  await arrives(callIntake({ intakeId: "late", event: "Checkout Started", email, properties: { products: [] }, at }));
  expect(await itemsOf(table, "contact")).toEqual([]);
  expect(await tracesOf(table, words)).toEqual([]);
});
