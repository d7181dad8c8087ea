import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { isErased } from "../../../shared/contacts/contact-store.ts";
import { putDue } from "../../../shared/due/due-store.ts";
import { openCaps } from "../../../shared/email/cap-store.ts";
import { createCompose } from "../../../shared/email/compose.ts";
import type { DeliveryDeps } from "../../../shared/email/delivery.ts";
import { recordFeedback } from "../../../shared/email/feedback.ts";
import { readGateFrom } from "../../../shared/email/gate-store.ts";
import { ledgerKey } from "../../../shared/email/ledger.ts";
import { openLedger } from "../../../shared/email/ledger-store.ts";
import { readRecipientFrom } from "../../../shared/email/recipient-store.ts";
import { parseSesEvent } from "../../../shared/email/ses-event.ts";
import type { ReadyMail } from "../../../shared/email/ses-sender.ts";
import { readSuppression } from "../../../shared/email/suppression-store.ts";
import { createTemplateSource } from "../../../shared/email/templates/template-store.ts";
import { keepTokenKeys } from "../../../shared/email/token-key-store.ts";
import { putEvent, queryTimeline } from "../../../shared/events/event-store.ts";
import { recommendFrom } from "../../../shared/recommendations/recommend-store.ts";
import { createSurveySource } from "../../../shared/surveys/survey-store.ts";
import type { Table } from "../../../shared/table/client.ts";
import { itemSchema, type Key } from "../../../shared/table/item.ts";
import type { Engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";
import { sesRecord } from "./ses-records.ts";
import { message, rules } from "./world.ts";

const house = {
  sender: "Rapport <hello@example.com>",
  publicUrl: "https://mail.example",
  publicName: "Rapport",
  postalAddress: "Main St 1",
};
export const now = new Date("2026-03-01T10:00:00.000Z");
export const key = ledgerKey(message.owner, message.messageKey);

/** A post room over a table of its own: one known contact, and an SES that takes every mail. */
export async function postRoom(engine: Engine) {
  const table = await createTestTable(engine.url);
  const mails: ReadyMail[] = [];
  const clock = { now };
  const deps: DeliveryDeps = {
    ledger: openLedger(table),
    readRecipient: readRecipientFrom(table),
    readConsent: async () => ({ state: "granted" }),
    readSuppression: (hash) => readSuppression(table, hash),
    readGate: readGateFrom(table),
    templateOf: createTemplateSource(table, () => clock.now),
    caps: openCaps(table),
    rules,
    recommend: recommendFrom(table),
    pace: async () => "now",
    compose: createCompose(house, { keys: keepTokenKeys(table), surveyOf: createSurveySource(table, () => clock.now) }),
    send: async (mail) => {
      mails.push(mail);
      return { kind: "sent", sesMessageId: "0100-ses-1" };
    },
    putDue: (due) => putDue(table, due),
    now: () => clock.now,
  };
  const feedback = (eventType: string, more: object, at: Key | undefined = key) =>
    recordFeedback(
      {
        ledger: deps.ledger,
        putEvent: (event) => putEvent(table, event),
        isErased: (contactId) => isErased(table, contactId),
        now: () => clock.now,
      },
      parseSesEvent(sesRecord(eventType, more, at)),
    );
  const dated = (value: string) => ({ value, at: now.toISOString() });
  const contact = {
    pk: "CONTACT#c1",
    sk: "CONTACT",
    kind: "contact",
    email: dated("Ann@example.com"),
    fields: { firstName: dated("Ann") },
  };
  await table.client.send(new PutCommand({ TableName: table.name, Item: contact }));
  return { table, deps, mails, clock, feedback };
}

export async function itemAt(table: Table, at: Key) {
  return itemSchema.parse((await table.client.send(new GetCommand({ TableName: table.name, Key: at }))).Item);
}

export async function timeline(table: Table) {
  const { items } = await queryTimeline(table, "c1", { limit: 50 });
  return items.map(({ name }) => name).reverse();
}

/** Sums what the table's calls consume. */
export function meter(table: Table) {
  const units = { write: 0, read: 0 };
  table.client.middlewareStack.add(
    (next, { commandName = "" }) =>
      async (args) => {
        const metered = { ...args, input: { ...args.input, ReturnConsumedCapacity: "TOTAL" as const } };
        const result = await next(metered);
        const { output } = result;
        const consumed = "ConsumedCapacity" in output ? output.ConsumedCapacity : undefined;
        const total = consumed !== undefined && "CapacityUnits" in consumed ? (consumed.CapacityUnits ?? 0) : 0;
        units[/Put|Update|Delete/.test(commandName) ? "write" : "read"] += total;
        return result;
      },
    { step: "initialize", priority: "high" },
  );
  return units;
}
