import { listShards } from "../contacts/contact.ts";
import { listShardAfter } from "../contacts/contact-list-store.ts";
import { getContact } from "../contacts/contact-store.ts";
import { putDue } from "../due/due-store.ts";
import { contactIdOf } from "../events/event-keys.ts";
import { memberShards } from "../segments/membership.ts";
import { memberIds } from "../segments/membership-store.ts";
import { attemptEach } from "../stream/concurrency.ts";
import type { Table } from "../table/client.ts";
import { digestOf } from "../table/hash.ts";
import type { AdvanceDependencies } from "./advance-run-store.ts";
import { ask, awaitDate } from "./date-store.ts";
import type { Journey } from "./definition.ts";
import type { JourneyHead } from "./journey.ts";
import type { Enrol } from "./journey-message.ts";
import { segmentOf } from "./trigger.ts";

/** Contacts that one message walks through; the next message comes as a due item, within a minute. */
const pagesPerMessage = 10;
const pageSize = 100;
const concurrency = 16;

/** By then the request that publishes has ended, one way or the other. */
const publishedByThen = 60_000;

/** Has those whom a version concerns already be walked through, once it is published; nothing happens if it is not. */
export async function enrolLater(
  table: Table,
  { id, publishedVersion }: Pick<JourneyHead, "id" | "publishedVersion">,
  walk: Enrol["walk"],
  now: Date,
): Promise<void> {
  const publishedAt = now.toISOString();
  for (let shard = 0; shard < (walk === "contacts" ? listShards : memberShards); shard++) {
    const enrol: Enrol = { type: "enrol", journeyId: id, version: publishedVersion, walk, publishedAt, shard };
    await putEnrol(table, enrol, new Date(now.getTime() + publishedByThen));
  }
}

function putEnrol(table: Table, body: Enrol, at: Date): Promise<void> {
  const id = digestOf([body.journeyId, String(body.version), body.walk, String(body.shard), body.after ?? ""]);
  return putDue(table, { at, id, queue: "journeys", body });
}

/** Walks through some of the contacts whom a published version concerns; any number of times. */
export async function enrol(
  deps: Pick<AdvanceDependencies, "table" | "store" | "live" | "timeZone" | "now">,
  message: Enrol,
): Promise<"done" | "goes on" | "nothing"> {
  const head = await deps.store.head(message.journeyId);
  const isCurrent = head?.publishedVersion === message.version && head.state !== "archived";
  if (!isCurrent) return "nothing";
  const journey = await deps.live.version(message.journeyId, message.version);
  let after = message.after;
  for (let page = 0; page < pagesPerMessage; page++) {
    const found = await pageOf(deps.table, journey, message, after);
    await attemptEach(found.contactIds, concurrency, (contactId) => enrolContact(deps, journey, message, contactId));
    after = found.next;
    if (after === undefined) return "done";
  }
  await putEnrol(deps.table, { ...message, after }, deps.now());
  return "goes on";
}

interface Page {
  readonly contactIds: readonly string[];
  /** Absent after the last. */
  readonly next: string | undefined;
}

async function pageOf(
  table: Table,
  journey: Journey,
  { walk, shard }: Enrol,
  after: string | undefined,
): Promise<Page> {
  if (walk === "contacts") {
    const entries = await listShardAfter(table, { shard: String(shard), after }, pageSize);
    const next = entries.length < pageSize ? undefined : entries.at(-1)?.gsi1sk;
    return { contactIds: entries.map(({ pk }) => contactIdOf(pk)), next };
  }
  const segmentId = segmentOf(journey);
  if (segmentId === undefined) return { contactIds: [], next: undefined };
  const contactIds = await memberIds(table, { segmentId, shard, after }, pageSize);
  return { contactIds, next: contactIds.length < pageSize ? undefined : contactIds.at(-1) };
}

async function enrolContact(
  deps: Parameters<typeof enrol>[0],
  journey: Journey,
  { version, walk, publishedAt }: Enrol,
  contactId: string,
): Promise<void> {
  if (walk === "contacts") {
    const contact = await getContact(deps.table, contactId);
    if (contact !== undefined) await awaitDate(deps, journey, contact);
    return;
  }
  const origin = ["journeyMember", journey.id, String(version), contactId];
  const told = { journeyId: journey.id, segmentId: segmentOf(journey), by: "publish" };
  await ask(deps, { contactId, origin, at: publishedAt, told });
}
