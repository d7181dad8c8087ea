import * as fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { createEvent } from "../../../shared/events/event.ts";
import { putEvent } from "../../../shared/events/event-store.ts";
import { exportOf, exportSchema } from "../../../shared/privacy/export.ts";
import { readExport } from "../../../shared/privacy/export-store.ts";
import type { Table } from "../../../shared/table/client.ts";
import type { Item } from "../../../shared/table/item.ts";
import { contentsOf } from "../../support/table-contents.ts";
import { formIntake, putIntake } from "../contacts/intakes.ts";
import { adasStory, at, email, erasureWorld } from "./erasure-world.ts";

let table: Table;
beforeAll(async () => {
  const world = await erasureWorld(await adasStory());
  table = world.table;
  await putIntake(table, formIntake({ intakeId: "i9", email: "somebody-else@example.com" }));
  await world.rest();
});

const about = { contactId: "c1", exportedAt: at, nextCursor: null };

/** The whole export, page by page. */
async function pagesOf(mostBytes: number): Promise<readonly (readonly Item[])[]> {
  const pages: (readonly Item[])[] = [];
  let cursor: string | undefined;
  do {
    const { items, nextCursor } = await readExport(table, "c1", { cursor, mostBytes });
    pages.push(items);
    cursor = nextCursor;
  } while (cursor !== undefined);
  return pages;
}

test("has every item of the table that names the person, and nobody else's", async () => {
  const keys = (items: readonly Item[]) => items.map(({ pk, sk }) => `${pk} ${sk}`).sort();
  const [whole = [], ...others] = await pagesOf(4_000_000);
  expect(others).toEqual([]);
  const all = [...(await contentsOf(table)).values()];
  // What stays beyond an erasure, or is no word of a person: hashes of orders, and wake-ups by a random id.
  const aside = (item: Item) =>
    item.kind === "order" || (item.kind === "due" && ["journeys", "segments"].includes(String(item.queue)));
  const theirs = all.filter((item) => /"c1"|CONTACT#c1|ada\.lovelace/i.test(JSON.stringify(item)) && !aside(item));
  expect(keys(whole)).toEqual(expect.arrayContaining(keys(theirs)));
  expect(JSON.stringify(whole)).not.toContain("somebody-else");
});

test("says what it holds in the words of the field", async () => {
  const { items } = await readExport(table, "c1", {});
  const document = exportOf(items, about);
  expect(exportSchema.parse(document)).toEqual(document);
  expect(document).toMatchObject({
    profile: { email: { value: email } },
    identities: expect.arrayContaining([
      { type: "email", email },
      { type: "account", source: "shop", userId: "customer-4711" },
    ]),
    consents: [{ acts: [{ type: "grant", basis: "express", text: "Yes, send me news.", at }] }],
    suppressions: expect.arrayContaining([expect.objectContaining({ reason: "complaint" })]),
    timeline: expect.arrayContaining([
      expect.objectContaining({ name: "Order Completed" }),
      expect.objectContaining({
        name: "Survey Answered",
        properties: expect.objectContaining({ score: 3, discontent: true }),
      }),
      expect.objectContaining({
        name: "Feedback Received",
        properties: expect.objectContaining({ text: "Terrible, says Lovelace", discontent: true }),
      }),
    ]),
    mails: [{ template: "note@1" }],
    journeys: expect.arrayContaining([expect.objectContaining({ journeyId: "call" })]),
    tasks: [{ title: "Call Lovelace" }],
    received: expect.arrayContaining([expect.objectContaining({ intakeId: "i2" })]),
    waiting: expect.arrayContaining([expect.objectContaining({ queue: "webhooks" })]),
    other: expect.arrayContaining([
      expect.objectContaining({
        kind: "surveyAnswer",
        values: expect.objectContaining({ comment: expect.objectContaining({ value: "Lovelace waited in vain" }) }),
      }),
      expect.objectContaining({ kind: "feedback", feedbackKind: "review", author: "Ada Lovelace" }),
      expect.objectContaining({ kind: "feedback", feedbackKind: "comment", text: "Lovelace waited in vain" }),
    ]),
  });
  expect(JSON.stringify(document)).not.toMatch(/"(?:pk|sk|gsi1pk|gsi1sk)":/);
});

test("shows what it has no name for among the others", () => {
  expect(exportOf([{ pk: "CONTACT#c1", sk: "CAP#email", kind: "cap", sent: [at] }], about).other).toEqual([
    { kind: "cap", sent: [at] },
  ]);
});

test("comes to the same in pages of any size, each within its bound", async () => {
  const whole = (await pagesOf(4_000_000)).flat();
  const largest = Math.max(...whole.map((item) => JSON.stringify(item).length));
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 12_000 }), async (mostBytes) => {
      const pages = await pagesOf(mostBytes);
      const [, ...later] = pages;
      // The first page has all that stands outside the partition.
      for (const page of later) expect(JSON.stringify(page).length).toBeLessThan(mostBytes + 3 * largest);
      const unique = (items: readonly Item[]) => [...new Set(items.map(({ pk, sk }) => `${pk} ${sk}`))];
      expect(unique(pages.flat())).toEqual(unique(whole));
    }),
    { numRuns: 15 },
  );
});

test("of a timeline of thousands takes pages, and leaves out nothing", async () => {
  const world = await erasureWorld();
  const text = "x".repeat(2_000);
  for (let n = 0; n < 250; n++) {
    const facts = { contactId: "c1", occurredAt: at, receivedAt: at, source: "api", properties: { text } };
    await putEvent(world.table, createEvent({ ...facts, name: "Seen", origin: [String(n)] }));
  }
  let seen = 0;
  let pages = 0;
  let cursor: string | undefined;
  do {
    const { items, nextCursor } = await readExport(world.table, "c1", { cursor, mostBytes: 100_000 });
    seen += items.length;
    pages++;
    cursor = nextCursor;
  } while (cursor !== undefined);
  expect([seen, pages]).toEqual([250, 6]);
});

test("refuses a cursor that it did not make", async () => {
  const forged = Buffer.from("lower case").toString("base64url");
  await expect(readExport(table, "c1", { cursor: forged })).rejects.toMatchObject({ code: "invalid_input" });
});
