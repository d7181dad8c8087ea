import type { Contact } from "../contacts/contact.ts";
import { readEvents } from "../events/event-store.ts";
import { hasComplained } from "../feedback/discontent-store.ts";
import { readCutPoints } from "../segments/census-store.ts";
import { fewestMails } from "../segments/shipped.ts";
import type { Table } from "../table/client.ts";
import { readCustomerModel } from "./customer-model-store.ts";
import { engagementSince, hasGoneQuiet, type Prediction, predictionOf } from "./prediction.ts";

/**
 * What is to be expected of a contact, by the models as last fitted: one read beside the contact, one more while there are
 * no models, two queries for what they said lately, and the events of the last 90 days of who read mails once and none lately.
 */
export async function predict(table: Table, contact: Contact, now: Date): Promise<Prediction | undefined> {
  if (contact.purchases === undefined) return undefined;
  const model = await readCustomerModel(table);
  const cutPoints = model?.activity === undefined ? await readCutPoints(table) : undefined;
  const complained = await hasComplained(table, contact.contactId, engagementSince(now));
  const mailsSent = hasGoneQuiet(contact, now) ? await countMails(table, contact.contactId, now) : 0;
  return predictionOf(contact, { model, cutPoints, mailsSent, complained }, now);
}

async function countMails(table: Table, contactId: string, now: Date): Promise<number> {
  let sent = 0;
  for await (const { name } of readEvents(table, contactId, { from: engagementSince(now) })) {
    if (name === "Email Sent" && ++sent === fewestMails) break;
  }
  return sent;
}
