import { type Contact, contactSchema } from "../contacts/contact.ts";
import { getContact } from "../contacts/contact-store.ts";
import { viewOfContact } from "../contacts/contact-view.ts";
import { putDue } from "../due/due-store.ts";
import { createEvent } from "../events/event.ts";
import { putEvent } from "../events/event-store.ts";
import { requestedName } from "../events/vocabulary.ts";
import type { Change, Stage } from "../stream/stage.ts";
import type { Table } from "../table/client.ts";
import { digestOf } from "../table/hash.ts";
import { ownTimeZone } from "../time-zone.ts";
import { type AdvanceDependencies, advanceRun } from "./advance-run-store.ts";
import { looksLikeDate, nextOccurrence, type Occurrence } from "./dates.ts";
import { type Journey, stepOf } from "./definition.ts";
import { timeZoneFor } from "./facts-store.ts";
import type { DateDue } from "./journey-message.ts";
import { runKey } from "./run.ts";
import { runsOf } from "./run-store.ts";

type DateDependencies = Pick<AdvanceDependencies, "table" | "live" | "timeZone" | "now">;

/** A moment that passed this short a time ago is kept: a stage may run a little late. Units: milliseconds. */
const grace = 3_600_000;

/** Follows a contact's dates: has journeys begin with them, and runs that wait for one look at it again. */
export function dateStage(deps: AdvanceDependencies): Stage {
  return {
    name: "dates",
    kind: "contact",
    wants: (change) => changedDates(change).length > 0,
    async run({ item, previous }) {
      const contact = contactSchema.parse(item);
      const changed = changedDates({ item, previous });
      for (const journey of await datedJourneys(deps)) {
        if (changed.includes(journey.trigger.date) || changed.includes(ownClock))
          await awaitDate(deps, journey, contact);
      }
      await lookAgain(deps, contact.contactId);
    },
  };
}

/** Stands for the contact's own time zone, by which all its dates are. */
const ownClock = "contact.timeZone";

/** Paths of a contact's dates that a change brought, moved or took away. */
function changedDates({ item, previous }: Change): readonly string[] {
  const [now, before] = [datesOf(item), datesOf(previous)];
  return [...new Set([...now.keys(), ...before.keys()])].filter((path) => now.get(path) !== before.get(path));
}

function datesOf(item: Change["previous"]): ReadonlyMap<string, string> {
  if (item === undefined) return new Map();
  const { fields, traits, customerAt, lastOrderAt } = viewOfContact(contactSchema.parse(item));
  const named = (kind: string, values: object) =>
    Object.entries(values).map(([name, value]): [string, unknown] => [`contact.${kind}.${name}`, value]);
  const all: [string, unknown][] = [
    ...named("traits", traits),
    ...named("fields", fields),
    ["contact.customerAt", customerAt],
    ["contact.lastOrderAt", lastOrderAt],
  ];
  const dates = all.filter((entry): entry is [string, string] => looksLikeDate(entry[1]));
  return new Map([...dates, ...(dates.length === 0 ? [] : [[ownClock, ownTimeZone(traits) ?? ""] as const])]);
}

type DatedJourney = Journey & { readonly trigger: { readonly type: "date" } };

function isDated(journey: Journey): journey is DatedJourney {
  return journey.trigger.type === "date";
}

async function datedJourneys({ live }: DateDependencies): Promise<readonly DatedJourney[]> {
  const heads = (await live.heads()).filter(({ state }) => state === "published" || state === "paused");
  const journeys = await Promise.all(heads.map(({ id, publishedVersion }) => live.version(id, publishedVersion)));
  return journeys.filter(isDated);
}

/** Runs that stand at a wait until a date, which may just have moved. */
async function lookAgain(deps: AdvanceDependencies, contactId: string): Promise<void> {
  for (const run of await runsOf(deps.table, contactId)) {
    if (run.state === "ended") continue;
    const journey = await deps.live.version(run.journeyId, run.journeyVersion);
    if (stepOf(journey, run.stepId).type === "waitUntilDate") await advanceRun(deps, { contactId, sk: runKey(run).sk });
  }
}

function occurrenceAfter({ timeZone }: DateDependencies, journey: DatedJourney, contact: Contact, after: Date) {
  const facts = { contact: viewOfContact(contact), event: {} };
  const clock = { timeZone: timeZoneFor(journey, facts.contact, timeZone), after: after.toISOString() };
  return nextOccurrence(journey.trigger, facts, clock);
}

/** Puts the due item of a contact's next date; a date that is over starts nothing. */
export async function awaitDate(deps: DateDependencies, journey: Journey, contact: Contact): Promise<void> {
  if (!isDated(journey)) return;
  const next = occurrenceAfter(deps, journey, contact, new Date(deps.now().getTime() - grace));
  if (next !== undefined) await putDate(deps.table, journey.id, contact.contactId, next);
}

function putDate(table: Table, journeyId: string, contactId: string, { at }: Occurrence): Promise<void> {
  const body: DateDue = { type: "date", journeyId, contactId, at };
  return putDue(table, { at: new Date(at), id: digestOf(["date", journeyId, contactId]), queue: "journeys", body });
}

/**
 * A date has come: if it is still the contact's, the contact is asked into the journey, once for each date, and next year's
 * is awaited. A date that was moved meanwhile has a due item of its own.
 */
export async function dateHasCome(
  deps: DateDependencies & Pick<AdvanceDependencies, "store">,
  { journeyId, contactId, at }: DateDue,
): Promise<"asked" | "nothing"> {
  const head = await deps.store.head(journeyId);
  if (head === undefined || (head.state !== "published" && head.state !== "paused")) return "nothing";
  const journey = await deps.live.version(journeyId, head.publishedVersion);
  const contact = await getContact(deps.table, contactId, { consistent: true });
  if (contact === undefined || !isDated(journey)) return "nothing";
  const come = occurrenceAfter(deps, journey, contact, new Date(Date.parse(at) - 1));
  if (come?.at !== at) return "nothing";
  const next = occurrenceAfter(deps, journey, contact, new Date(at));
  if (next !== undefined) await putDate(deps.table, journeyId, contactId, next);
  // Who would enter during a pause does not enter.
  if (head.state === "paused") return "nothing";
  const told = { journeyId, entryKey: come.date, date: come.date, by: "date" };
  await ask(deps, { contactId, origin: ["journeyDate", journeyId, contactId, at], at, told });
  return "asked";
}

/** Asks a contact into a journey, once for each origin. */
export async function ask(
  { table, now }: Pick<DateDependencies, "table" | "now">,
  {
    contactId,
    origin,
    at,
    told,
  }: {
    readonly contactId: string;
    readonly origin: readonly string[];
    readonly at: string;
    readonly told: Readonly<Record<string, unknown>>;
  },
): Promise<void> {
  const facts = { name: requestedName, source: "journey", receivedAt: now().toISOString() };
  await putEvent(table, createEvent({ ...facts, contactId, origin, occurredAt: at, properties: told }));
}
