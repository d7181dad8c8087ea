import * as fc from "fast-check";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { applyToConsent, readConsent } from "../../../shared/consent/consent-store.ts";
import { getContact } from "../../../shared/contacts/contact-store.ts";
import { addressHash } from "../../../shared/contacts/email-address.ts";
import { findByEmail } from "../../../shared/contacts/identity-store.ts";
import { readSuppression } from "../../../shared/email/suppression-store.ts";
import { readReport } from "../../../shared/journeys/progress-store.ts";
import { erase } from "../../../shared/privacy/erase-store.ts";
import { beginErasure, listErasures, listLateFacts, readErasure } from "../../../shared/privacy/erasure-store.ts";
import type { Table } from "../../../shared/table/client.ts";
import type { Item } from "../../../shared/table/item.ts";
import { taskSchema } from "../../../shared/tasks/task.ts";
import { createTask } from "../../../shared/tasks/task-store.ts";
import { deliverWebhook } from "../../../shared/webhooks/delivery.ts";
import { webhookMessageSchema } from "../../../shared/webhooks/webhook.ts";
import { crashing } from "../../support/crashing.ts";
import { contentsOf, itemsOf } from "../../support/table-contents.ts";
import { callIntake, formIntake, putIntake } from "../contacts/intakes.ts";
import {
  activeRuns,
  adasStory,
  at,
  type ErasureWorld,
  email,
  erasureWorld,
  heard,
  linkIntake,
  saidBy,
  words,
} from "./erasure-world.ts";
import { tracesOf } from "./traces.ts";

let story: readonly Item[];
beforeAll(async () => {
  story = await adasStory();
});

let world: ErasureWorld;
let table: Table;
beforeEach(async () => {
  world = await erasureWorld(story);
  table = world.table;
});

const request = { contactId: "c1", reason: "request", requestedBy: "boss", at: new Date(at) } as const;
const begin = () => beginErasure(table, request);
async function eraseAda(): Promise<void> {
  await begin();
  await world.work();
}

test("the story that is erased holds every kind of item that is ever held on a person", async () => {
  const held = new Set(story.map(({ kind }) => kind));
  const kinds = ["intake", "repeated", "identity", "joined", "contact", "event", "run", "message", "consent", "due"];
  expect([...held]).toEqual(
    expect.arrayContaining([
      ...kinds,
      "suppression",
      "softBounces",
      "order",
      "kpiEntry",
      "task",
      "surveyAnswer",
      "feedback",
    ]),
  );
  expect(story.filter(({ kind }) => kind === "due").map(({ queue }) => queue)).toContain("webhooks");
  expect(
    story.filter((item) => item.queue === "journeys" && JSON.stringify(item).includes("cart-of-ada")),
  ).toHaveLength(1);
  expect(await activeRuns(table)).not.toEqual([]);
  expect((await tracesOf(table, words)).length).toBeGreaterThan(10);
});

describe("an erasure", () => {
  test("leaves no word of the person anywhere, and the counts as they were", async () => {
    const counted = await itemsOf(table, "kpiEntry");
    const runs = await activeRuns(table);
    await eraseAda();
    expect(await tracesOf(table, words)).toEqual([]);
    expect(await itemsOf(table, "kpiEntry")).toEqual(counted);
    expect(await getContact(table, "c1")).toBeUndefined();
    const deleted = {
      identity: 1,
      joined: 4,
      consent: 1,
      suppression: 1,
      softBounces: 1,
      message: 1,
      repeated: 1,
      task: 1,
      surveyAnswer: 1,
      // the review, and the comment of the answer
      feedback: 2,
    };
    expect(await readErasure(table, "c1")).toMatchObject({ erasedAt: at, requestedBy: "boss", deleted });
    const ended = await Promise.all(runs.map(({ journeyId }) => readReport(table, String(journeyId), world.clock.now)));
    expect(ended.map(({ runs: { active, ended: by } }) => [active, by.erased])).toEqual(runs.map(() => [0, 1]));
  });

  test("leaves nothing of what the person says to an old invitation, or a server tells of them, later", async () => {
    await eraseAda();
    for (const intake of saidBy("i16", "i17", "2026-01-04T10:00:00.000Z")) await putIntake(table, intake);
    await world.work();
    expect([...(await itemsOf(table, "surveyAnswer")), ...(await itemsOf(table, "feedback"))]).toEqual([]);
    expect(await getContact(table, "c1")).toBeUndefined();
    const kept = (await tracesOf(table, words)).map((item) => JSON.parse(item).type);
    expect(kept).toEqual([]);
  });

  test("ends its tasks and what waits to be told of them, also what a function was just writing", async () => {
    const [task] = await itemsOf(table, "task");
    const [waiting] = (await itemsOf(table, "due")).filter(({ queue }) => queue === "webhooks");
    const message = webhookMessageSchema.parse(waiting?.body);
    await eraseAda();
    expect([await itemsOf(table, "task"), await itemsOf(table, "taskReference")]).toEqual([[], []]);
    // The sweep had handed it over before, and a stage had read the contact before.
    expect(await deliverWebhook(world.desk, message)).toBe("erased");
    expect((await itemsOf(table, "due")).filter(({ queue }) => queue === "webhooks")).toEqual([]);
    await createTask(table, taskSchema.parse(task));
    await deliverWebhook({ ...world.desk, isErased: async () => false }, message);
    expect(await tracesOf(table, words)).toHaveLength(2);
    await world.later(1);
    expect(await tracesOf(table, words)).toEqual([]);
    expect(await itemsOf(table, "taskReference")).toEqual([]);
  });

  test("that takes several passes deletes the same, each item once", async () => {
    await eraseAda();
    const inOne = await readErasure(table, "c1");
    world = await erasureWorld(story);
    table = world.table;
    await begin();
    await world.work({ passSize: 5 });
    expect((await readErasure(table, "c1"))?.deleted).toEqual(inOne?.deleted);
    expect(await tracesOf(table, words)).toEqual([]);
  });

  test("is refused from a version that is no longer there, and changes nothing then", async () => {
    const before = await contentsOf(table);
    const { version } = (await getContact(table, "c1")) ?? { version: 0 };
    expect(await beginErasure(table, request, version - 1)).toEqual({ refused: "changed", version });
    expect(await beginErasure(table, { ...request, contactId: "c9" }, 1)).toEqual({ refused: "no such contact" });
    expect(await contentsOf(table)).toEqual(before);
  });

  test("that is asked for again is the same one", async () => {
    const first = await begin();
    await world.work();
    expect(await begin()).toMatchObject({ begun: { requestedAt: "begun" in first && first.begun.requestedAt } });
    const { items } = await listErasures(table, { limit: 10 });
    expect(items.map(({ contactId }) => contactId)).toEqual(["c1"]);
  });

  test("looks again after an hour and a day, and finds what was still being written", async () => {
    await eraseAda();
    // What a function does that had read the contact before.
    await heard(table, "Email Opened", { link: `https://shop.example/?e=${email}` });
    const acts = [{ type: "grant", by: "person", basis: "confirmed", at }] as const;
    const whose = { addressHash: addressHash(email), address: email, contactId: "c1" };
    await applyToConsent(table, { ...whose, acts }, new Date(at));
    expect(await tracesOf(table, words)).toHaveLength(2);
    await world.later(1);
    expect(await tracesOf(table, words)).toEqual([]);
    await heard(table, "Email Opened", { link: email });
    await world.later(24);
    expect(await tracesOf(table, words)).toEqual([]);
    expect(await readErasure(table, "c1")).toMatchObject({ passes: 3 });
    expect(await readErasure(table, "c1")).not.toHaveProperty("nextAt");
    expect((await itemsOf(table, "due")).filter(({ queue }) => queue !== "journeys")).toEqual([]);
  });
});

describe("a late fact of somebody erased", () => {
  beforeEach(eraseAda);

  test.each([
    [
      "a refund of their order",
      callIntake({
        intakeId: "late",
        event: "Order Refunded",
        properties: { orderId: "i3", refundId: "r", products: [] },
      }),
    ],
    [
      "a change of their order, with the address in it",
      callIntake({ intakeId: "late", event: "Order Updated", email, properties: { orderId: "i3" } }),
    ],
    ["a link in an old mail", linkIntake("late")],
    ["what was theirs before", { ...formIntake({ intakeId: "late", email }), contactId: "c1" }],
  ])("%s is refused, loses its words and is shown", async (_, intake) => {
    await putIntake(table, intake);
    await world.rest();
    expect(await tracesOf(table, words)).toEqual([]);
    expect(await itemsOf(table, "contact")).toEqual([]);
    expect(await listLateFacts(table, "c1")).toEqual([{ receivedAt: at, submissionId: "late" }]);
  });

  test("never deletes what has become somebody else's since", async () => {
    await putIntake(table, formIntake({ intakeId: "anew", email, marketing: true }));
    await world.rest();
    const anew = await findByEmail(table, email);
    expect(anew).toBe("c2");
    const before = (await contentsOf(table)).size;
    await world.later(1);
    expect(await getContact(table, "c2")).toBeDefined();
    expect(await findByEmail(table, email)).toBe("c2");
    // The record's own due item has come and gone for that of the next pass.
    expect((await contentsOf(table)).size).toBe(before);
  });
});

describe("an address that had said no", () => {
  test("says so still when it turns up again as somebody new", async () => {
    await putIntake(table, linkIntake("out"));
    await world.rest();
    await eraseAda();
    expect(await readSuppression(table, addressHash(email))).toBeUndefined();
    await putIntake(table, formIntake({ intakeId: "anew", email, marketing: true }));
    await world.rest();
    expect(await readSuppression(table, addressHash(email))).toMatchObject({ reason: "complaint" });
    expect(await readConsent(table, addressHash(email))).toMatchObject({ state: "withdrawn", withdrawnAt: at });
  });

  test("by a link in an old mail, after the erasure, gets no marketing as somebody new either", async () => {
    await eraseAda();
    await putIntake(table, linkIntake("out"));
    await world.rest();
    await putIntake(table, formIntake({ intakeId: "anew", email, marketing: true }));
    await world.rest();
    expect(await readConsent(table, addressHash(email))).toMatchObject({ state: "withdrawn", contactId: "c2" });
  });
});

describe("an erasure under faults", () => {
  test("leaves nothing, whatever call crashes, whoever works beside it, and whatever arrives meanwhile", async () => {
    const fact = fc.constantFrom("event", "form", "link");
    const disturbance = fc.record({
      nth: fc.integer({ min: 1, max: 60 }),
      after: fc.boolean(),
      twice: fc.boolean(),
      fact,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(disturbance, { minLength: 1, maxLength: 4 }), async (disturbances) => {
        world = await erasureWorld(story);
        table = world.table;
        await begin();
        const waiting = [...disturbances];
        await world.work({
          passSize: 20,
          erase: async (deps, message) => {
            for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
              const { nth, after, twice, fact: kind } = next;
              const id = `fact-${waiting.length}`;
              if (kind === "event") await heard(table, "Email Opened", { id, email });
              if (kind === "form") await putIntake(table, { ...formIntake({ intakeId: id, email }), contactId: "c1" });
              if (kind === "link") await putIntake(table, linkIntake(id));
              const faulty = { ...deps, table: crashing(table, { nth, after }) };
              const workers = [erase(faulty, message), ...(twice ? [erase(deps, message)] : [])];
              await Promise.allSettled(workers);
            }
            await erase(deps, message);
          },
        });
        await world.later(1);
        await world.later(24);
        expect(await tracesOf(table, words)).toEqual([]);
        expect(await readErasure(table, "c1")).toMatchObject({ passes: 3 });
        expect(await activeRuns(table)).toEqual([]);
      }),
      { numRuns: 8 },
    );
  });
});
