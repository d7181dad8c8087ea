import { beforeEach, describe, expect, test } from "vitest";
import { readConsent } from "../../../shared/consent/consent-store.ts";
import { addressHash } from "../../../shared/contacts/email-address.ts";
import { createEvent } from "../../../shared/events/event.ts";
import { putEvent } from "../../../shared/events/event-store.ts";
import type { Table } from "../../../shared/table/client.ts";
import { engine } from "../../support/engine.ts";
import { settle } from "../../support/settle.ts";
import { createTestTable } from "../../support/table.ts";
import { itemsOf } from "../../support/table-contents.ts";
import { testStages } from "../../support/test-stages.ts";

const [before, after] = ["ada@old.example", "ada@new.example"];
const at = (minute: number) => new Date(Date.parse("2026-03-01T12:00:00.000Z") + minute * 60_000).toISOString();

let table: Table;
beforeEach(async () => {
  table = await createTestTable(engine.url);
});

const told = (minute: number, name: string, properties: object, source = "shop") =>
  createEvent({
    contactId: "c1",
    origin: [name, String(minute)],
    name,
    occurredAt: at(minute),
    receivedAt: at(minute),
    source,
    properties: { ...properties },
  });
const isCalled = (minute: number, email: string) => told(minute, "Identified", { email, userId: "u1" });
const says = (minute: number, email: string, state: string) =>
  told(minute, "Consent Changed", { email, channel: "email", state, dated: true, confirmed: false });
const chooses = (minute: number, email: string, choice: string) =>
  told(minute, "Preferences Changed", { addressHash: addressHash(email), contactId: "c1", choice }, "page");

/** Each happens before the next, or all are followed up together, newest first. */
async function stateAfter(story: readonly ReturnType<typeof told>[], together = false): Promise<string | undefined> {
  const now = () => new Date(at(60));
  const deliver = <Each>(changes: readonly Each[]) => [...changes, ...changes].reverse();
  for (const event of story) {
    await putEvent(table, event);
    if (!together) await settle({ table, stages: testStages({ table, now }) });
  }
  await settle({ table, stages: testStages({ table, now }), deliver });
  return (await readConsent(table, addressHash(after)))?.state;
}

const moved = [isCalled(1, before), isCalled(3, after)];

describe("the consent of a contact whose address changes", () => {
  test.each([
    ["is asked for anew: a yes at the old address is none at the new one", [says(2, before, "subscribed")], undefined],
    ["ends with what was withdrawn at the old one before", [chooses(2, before, "none")], "withdrawn"],
    [
      "ends with what is withdrawn at the old one later",
      [says(4, after, "subscribed"), chooses(5, before, "none")],
      "withdrawn",
    ],
    [
      "is not given back by the shop alone",
      [says(2, before, "unsubscribed"), says(4, after, "subscribed")],
      "withdrawn",
    ],
    ["is given again by the person's own mailbox", [chooses(2, before, "none"), chooses(4, after, "all")], "granted"],
    [
      "stays what the shop says of the new one",
      [says(2, before, "subscribed"), says(4, after, "subscribed")],
      "granted",
    ],
  ])("%s", async (_, said, state) => {
    const story = [...moved, ...said].toSorted((a, b) => (a.occurredAt < b.occurredAt ? -1 : 1));
    expect(await stateAfter(story)).toBe(state);
    table = await createTestTable(engine.url);
    expect(await stateAfter(story, true)).toBe(state);
  });

  test("that ends at two addresses is one unsubscription", async () => {
    await stateAfter([
      ...moved,
      says(4, before, "subscribed"),
      says(4, after, "subscribed"),
      chooses(5, before, "none"),
    ]);
    expect((await itemsOf(table, "event")).filter(({ name }) => name === "Unsubscribed")).toHaveLength(1);
  });
});
