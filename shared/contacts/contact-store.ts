import { isDeepStrictEqual } from "node:util";
import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { contactOf, type Event } from "../events/event.ts";
import { readEvents } from "../events/event-store.ts";
import { afterEvent, type Lifecycle } from "../funnel/lifecycle.ts";
import { matchesRule, type StageRules, shippedStageRules } from "../funnel/stage-rules.ts";
import type { Table } from "../table/client.ts";
import { isWritten } from "../table/is-written.ts";
import { type Contact, contactItem, contactKey, contactSchema, isErasure } from "./contact.ts";
import { concernsProfile, fold, position, refold } from "./profile.ts";
import type { Profile } from "./profile-schema.ts";

/** The contact, or undefined when there is none (yet). */
export async function getContact(
  table: Table,
  contactId: string,
  { consistent = false }: { readonly consistent?: boolean } = {},
): Promise<Contact | undefined> {
  const item = await readPlace(table, contactId, consistent);
  return item === undefined || isErasure(item) ? undefined : contactSchema.parse(item);
}

/** What stands in a contact's place: the contact, or the record of its erasure. */
async function readPlace(table: Table, contactId: string, consistent: boolean) {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: contactKey(contactId), ConsistentRead: consistent }),
  );
  return Item;
}

/** Whether a contact has been erased, by a consistent read: nothing may be written of them any more. */
export async function isErased(table: Table, contactId: string): Promise<boolean> {
  return isErasure((await readPlace(table, contactId, true)) ?? {});
}

/** Writers of one contact at one time are few; more conflicts than this go to the retry queue. */
const attempts = 5;

interface Next {
  readonly profile: Profile;
  readonly lifecycle: Lifecycle | undefined;
}

/**
 * Folds an event into its contact's profile exactly once, however often it is called, and moves the contact on by the
 * rules of stages. One who has been erased gets none.
 *
 * @throws Error when other writers came first too often; calling it again is right.
 */
export async function foldEvent(table: Table, event: Event, rules: StageRules = shippedStageRules): Promise<void> {
  await changeContact(table, contactOf(event), async (contact) => {
    const profile = await profileAfter(table, contact, event);
    const lifecycle = afterEvent(contact?.lifecycle, rules, event);
    const isSame = profile === undefined && isDeepStrictEqual(lifecycle, contact?.lifecycle);
    const standing = profile ?? (contact && profileOf(contact));
    return isSame || standing === undefined ? undefined : { profile: standing, lifecycle };
  });
}

/**
 * Moves a contact on through its stages as events of its say. Nobody is moved who is no contact yet: whoever becomes one
 * is moved on by all that is on the timeline by then. Events that meet no rule read nothing.
 *
 * @param events of one contact
 * @throws Error when other writers came first too often; calling it again is right.
 */
export async function moveOn(table: Table, events: readonly Event[], rules: StageRules): Promise<void> {
  const met = events.filter((event) => rules.rules.some((rule) => matchesRule(rule, event)));
  const [first] = met;
  if (first === undefined) return;
  await changeContact(table, contactOf(first), (contact) => {
    const lifecycle = met.reduce((held, event) => afterEvent(held, rules, event), contact?.lifecycle);
    const isSame = contact === undefined || isDeepStrictEqual(lifecycle, contact.lifecycle);
    return isSame ? undefined : { profile: profileOf(contact), lifecycle };
  });
}

async function changeContact(
  table: Table,
  contactId: string,
  next: (contact: Contact | undefined) => Promise<Next | undefined> | Next | undefined,
): Promise<void> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const place = await readPlace(table, contactId, true);
    if (place !== undefined && isErasure(place)) return;
    const contact = place && contactSchema.parse(place);
    const after = await next(contact);
    if (after === undefined || (await replaceContact(table, contact, after)) === "replaced") return;
  }
  throw new Error(`a contact changed under all of ${attempts} attempts to change it`);
}

/** The profile to write; undefined when it holds the event already. */
async function profileAfter(table: Table, contact: Contact | undefined, event: Event): Promise<Profile | undefined> {
  const place = position(contact, event);
  if (place === "folded") return undefined;
  if (place === "new") return fold(contact, event);
  const profile = await refoldPartition(table, contactOf(event));
  return isDeepStrictEqual(plain(profile), plain(contact && profileOf(contact))) ? undefined : profile;
}

async function refoldPartition(table: Table, contactId: string): Promise<Profile | undefined> {
  const events: Event[] = [];
  for await (const event of readEvents(table, contactId)) if (concernsProfile(event)) events.push(event);
  return refold(events);
}

async function replaceContact(
  table: Table,
  before: Contact | undefined,
  { profile, lifecycle }: Next,
): Promise<"replaced" | "changed meanwhile"> {
  return (await isWritten(
    table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: contactItem(profile, (before?.version ?? 0) + 1, lifecycle),
        ...(before === undefined
          ? { ConditionExpression: "attribute_not_exists(pk)" }
          : {
              ConditionExpression: "#version = :version",
              ExpressionAttributeNames: { "#version": "version" },
              ExpressionAttributeValues: { ":version": before.version },
            }),
      }),
    ),
  ))
    ? "replaced"
    : "changed meanwhile";
}

function profileOf({
  pk: _pk,
  sk: _sk,
  kind: _kind,
  version: _version,
  lifecycle: _lifecycle,
  ...profile
}: Contact): Profile {
  return profile;
}

/** As the table keeps it: without undefined attributes. */
function plain(profile: Profile | undefined): unknown {
  return profile && JSON.parse(JSON.stringify(profile));
}
