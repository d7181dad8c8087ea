import { userAlias } from "../contacts/alias.ts";
import { findJoined } from "../contacts/alias-store.ts";
import { isErased } from "../contacts/contact-store.ts";
import { addressHash, normaliseEmail } from "../contacts/email-address.ts";
import { findByEmail } from "../contacts/identity-store.ts";
import { eventOf } from "../contacts/intake-event.ts";
import { orderKey } from "../contacts/order-keys.ts";
import { putEvent } from "../events/event-store.ts";
import { intakeSchema } from "../intake/intake.ts";
import { eraseIntake } from "../intake/intake-store.ts";
import type { BatchQueue } from "../queues/batch-queue.ts";
import type { Stage } from "../stream/stage.ts";
import type { Table } from "../table/client.ts";
import type { ErasuresMessage } from "./erasure.ts";
import { beginErasure } from "./erasure-store.ts";
import { newPrivacyRequest, type PrivacyIntake, type PrivacyRequest, privacyRequestSchema } from "./privacy-request.ts";
import { putPrivacyRequest, readPrivacyRequest } from "./privacy-request-store.ts";
import { ensureRefusalSecret, keepRefusal } from "./refusal-store.ts";

/**
 * Does what a shop passes on of its customers' rights. The record of the request is written first and says for good whom
 * it is about: a crash in between, or a second copy, goes on from it. In the end nothing is left of what arrived.
 */
export function privacyRequestStage({ table }: { readonly table: Table }): Stage {
  return {
    name: "privacy-request",
    kind: "intake",
    wants: ({ item }) => item.type === "privacy",
    async run({ item }) {
      const intake = intakeSchema.parse(item);
      if (intake.type !== "privacy") return;
      const request = await requestOf(table, intake);
      if (request.type === "access") await tell(table, intake, request);
      if (request.type === "erasure") await eraseAll(table, intake, request);
      await eraseIntake(table, intake.intakeId);
    },
  };
}

/** The erasure of a shop asks for its next page; each version of its record for one. */
export function shopErasureStage({ sendErasure }: { readonly sendErasure: BatchQueue<ErasuresMessage> }): Stage {
  return {
    name: "shop-erasure",
    kind: "privacyRequest",
    wants: ({ item, previous }) => item.walk !== undefined && item.version !== previous?.version,
    async run({ item }) {
      const { id: requestId, version } = privacyRequestSchema.parse(item);
      await sendErasure({ requestId, version });
    },
  };
}

async function requestOf(table: Table, intake: PrivacyIntake): Promise<PrivacyRequest> {
  const known = await readPrivacyRequest(table, intake.intakeId);
  if (known !== undefined) return known;
  const request = newPrivacyRequest(intake, await peopleBehind(table, intake.payload));
  if (await putPrivacyRequest(table, request)) return request;
  throw new Error("another worker has just begun this privacy request");
}

/** Whom the shop means: by address and by account, which may be two of ours; else by an order. Nobody is made for it. */
async function peopleBehind(table: Table, payload: PrivacyIntake["payload"]): Promise<readonly string[]> {
  const { email, userId, source, orderIds } = payload;
  const found = [
    email === undefined ? undefined : await findByEmail(table, normaliseEmail(email), { consistent: true }),
    userId === undefined ? undefined : await findJoined(table, userAlias(source, userId).joined, { consistent: true }),
  ].filter((contactId) => contactId !== undefined);
  if (found.length > 0) return [...new Set(found)];
  for (const orderId of orderIds) {
    const buyer = await findJoined(table, orderKey(["order", source, orderId]), { consistent: true });
    if (buyer !== undefined) return [buyer];
  }
  return [];
}

async function tell(table: Table, intake: PrivacyIntake, { contactIds }: PrivacyRequest): Promise<void> {
  for (const contactId of contactIds) {
    const event = eventOf({ ...intake, contactId });
    if (event !== undefined && !(await isErased(table, contactId))) await putEvent(table, event);
  }
}

/**
 * Begins the erasure of each contact. Whom we do not hold gets a record all the same, under the request's own id: what is
 * older than the request and comes later is refused by it.
 */
async function eraseAll(table: Table, { payload: { email } }: PrivacyIntake, request: PrivacyRequest): Promise<void> {
  const { id, source: requestedBy, receivedAt, contactIds } = request;
  const all = contactIds.length > 0 ? contactIds : [id];
  if (email !== undefined) {
    await ensureRefusalSecret(table);
    const erased = { contactId: all[0] ?? id, at: receivedAt };
    await keepRefusal(table, addressHash(normaliseEmail(email)), { erased });
  }
  for (const contactId of all) {
    await beginErasure(table, { contactId, reason: "shop", requestedBy, at: new Date(receivedAt) });
  }
}
