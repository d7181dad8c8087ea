import { beforeEach, expect, test } from "vitest";
import { foldEvent } from "../../../shared/contacts/contact-store.ts";
import { addressHash } from "../../../shared/contacts/email-address.ts";
import { suppressStage } from "../../../shared/email/email-stages.ts";
import { mailHandlers } from "../../../shared/email/mail-handlers.ts";
import { createEvent } from "../../../shared/events/event.ts";
import type { Table } from "../../../shared/table/client.ts";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";

let table: Table;
beforeEach(async () => {
  table = await createTestTable(engine.url);
});

const at = (minute: number) => `2026-03-01T12:0${minute}:00.000Z`;
const emailOf = (contactId: string) => `${contactId}@example.com`;
const factsOf = (contactId: string, minute: number) => ({
  contactId,
  origin: [contactId],
  occurredAt: at(minute),
  receivedAt: at(minute),
  source: "mail",
});

async function known(contactId: string): Promise<void> {
  await foldEvent(
    table,
    createEvent({ ...factsOf(contactId, 0), name: "Identified", properties: { email: emailOf(contactId) } }),
  );
}

async function suppress(contactId: string, minute: number, bounced = true): Promise<void> {
  const hash = addressHash(emailOf(contactId));
  const properties = { addressHash: hash, ...(bounced && { bounceType: "Permanent" }) };
  const name = bounced ? "Email Bounced" : "Email Marked as Spam";
  const item = createEvent({ ...factsOf(contactId, minute), name, properties });
  await suppressStage({ table }).run({ item, previous: undefined });
}

async function list(query: { limit: number; cursor?: string }) {
  const request = { headers: {}, rawBody: Buffer.from(""), sourceIp: "", correlationId: "c", caller: undefined };
  const handlers = mailHandlers({ table, now: () => new Date(at(9)) });
  const { body } = await handlers.listSuppressions({ ...request, params: undefined, body: undefined, query });
  return Object(body);
}

test("suppressions are listed newest first, in pages without gaps, with reason and address", async () => {
  await known("c1");
  await known("c3");
  await suppress("c1", 1);
  await suppress("c2", 2, false);
  await suppress("c3", 3);
  await suppress("c3", 4, false);
  const first = await list({ limit: 2 });
  expect(first.items).toEqual([
    { email: "c3@example.com", contactId: "c3", reason: "bounce", at: at(3) },
    { email: null, contactId: "c2", reason: "complaint", at: at(2) },
  ]);
  const second = await list({ limit: 2, cursor: first.nextCursor });
  expect(second).toEqual({
    items: [{ email: "c1@example.com", contactId: "c1", reason: "bounce", at: at(1) }],
    nextCursor: null,
  });
  await expect(list({ limit: 2, cursor: "nonsense" })).rejects.toMatchObject({ code: "invalid_input" });
});
