import { getContact } from "../contacts/contact-store.ts";
import { viewOfContact } from "../contacts/contact-view.ts";
import type { SendingRules } from "../email/prepare.ts";
import { readRecipientFrom } from "../email/recipient-store.ts";
import type { Template } from "../email/templates/template.ts";
import { findTemplate } from "../email/templates/template-store.ts";
import { DomainError } from "../errors.ts";
import { expectedVersion } from "../http/if-match.ts";
import type { Handlers } from "../http/router.ts";
import type { journeyRoutes } from "../http/routes/journeys.ts";
import { recommendFrom } from "../recommendations/recommend-store.ts";
import { countBound, countMembers } from "../segments/membership-store.ts";
import type { Table } from "../table/client.ts";
import type { Journey, JourneyDefinition } from "./definition.ts";
import { millisecondsOf } from "./duration.ts";
import { endRunsLater } from "./end-runs-store.ts";
import { enrolLater } from "./enrol-store.ts";
import { timeZoneFor } from "./facts-store.ts";
import type { JourneyHead } from "./journey.ts";
import { archive, pause, publish, resume, withDraft } from "./journey-change-store.ts";
import type { Enrol } from "./journey-message.ts";
import { openJourneys } from "./journey-store.ts";
import { noStepCounts } from "./progress.ts";
import { readReport } from "./progress-store.ts";
import { readReach } from "./reach-store.ts";
import { requireReferences } from "./references-store.ts";
import { simulate } from "./simulate.ts";
import { exampleOccasion, occasionOf, previewMails, withForesight } from "./simulated-mails.ts";
import { entryKeyFor, segmentOf, startingEvents } from "./trigger.ts";

export interface JourneyHandlerDependencies {
  readonly table: Table;
  /** The account's. */
  readonly timeZone: string;
  /** Whose mail a simulation shows. */
  readonly house: { readonly publicName: string; readonly postalAddress: string };
  /** By which a simulation tells whether and when its mails would go. */
  readonly rules: SendingRules;
  readonly now: () => Date;
}

/** The staff API's handlers of journeys. */
export function journeyHandlers(deps: JourneyHandlerDependencies): Handlers<typeof journeyRoutes> {
  const { table, timeZone, house, rules, now } = deps;
  const store = openJourneys(table);

  async function requireHead(id: string): Promise<JourneyHead> {
    const head = await store.head(id);
    if (head === undefined) throw new DomainError("not_found", `There is no journey ${id}.`);
    return head;
  }

  /** What a change would start from, and what new runs take. */
  async function definitionsOf({ id, draft, publishedVersion }: JourneyHead) {
    const version = publishedVersion === 0 ? undefined : await store.version(id, publishedVersion);
    const published = version === undefined ? null : withoutVersion(version);
    const definition = draft ?? published;
    if (definition === null) throw new Error(`the journey ${id} has neither a draft nor a version`);
    return { definition, published };
  }

  const replyWith = async (head: JourneyHead, status = 200) => ({
    status,
    body: { ...viewOf(head), ...(await definitionsOf(head)) },
    headers: { etag: `"${head.revision}"` },
  });

  /** A change of state by whoever read the newest revision; `If-Match` makes sure that the caller did. */
  const changed = (change: (head: JourneyHead) => Promise<JourneyHead> | JourneyHead) =>
    async function handle({
      params,
      headers,
      caller,
    }: {
      readonly params: { readonly id: string };
      readonly headers: Readonly<Record<string, string | undefined>>;
      readonly caller?: { readonly username?: string } | undefined;
    }) {
      const head = await requireHead(params.id);
      requireRevision(head, expectedVersion(headers["if-match"]));
      const next = await change(head);
      const stamp = { updatedAt: now().toISOString(), updatedBy: caller?.username ?? "unknown" };
      const written = next === head ? head : await store.putHead({ ...next, ...stamp });
      return { status: 200, body: viewOf(written), headers: { etag: `"${written.revision}"` } };
    };

  async function publishedOf({ id, publishedVersion }: Pick<JourneyHead, "id" | "publishedVersion">) {
    const journey = await store.version(id, publishedVersion);
    if (journey === undefined) throw new Error(`the journey ${id} lacks its version ${publishedVersion}`);
    return journey;
  }

  /** Whom a version that is about to be published concerns already. */
  async function walkOf(head: JourneyHead, include: "new" | "all"): Promise<Enrol["walk"] | undefined> {
    const journey = await publishedOf(head);
    if (journey.trigger.type === "date") return "contacts";
    if (include === "new") return undefined;
    if (segmentOf(journey) !== undefined) return "members";
    const message = "only a journey that starts with the entry of a segment can include who is in it already";
    throw new DomainError("invalid_input", `The journey ${head.id} was not published: ${message}.`, {
      errors: [{ pointer: "/query/include", message, code: "no_segment" }],
    });
  }

  async function templatesOf(ids: readonly string[]): Promise<ReadonlyMap<string, Template>> {
    const found = await Promise.all([...new Set(ids)].map((id) => findTemplate(table, id)));
    return new Map(found.flatMap((template) => (template === undefined ? [] : [[template.id, template]])));
  }

  /** How many are in the segment that starts the journey. */
  async function inside(journey: Parameters<typeof segmentOf>[0]) {
    const segmentId = segmentOf(journey);
    return segmentId === undefined ? null : countMembers(table, segmentId, countBound);
  }

  return {
    async listJourneys() {
      return { status: 200, body: { items: (await store.heads()).map(viewOf), nextCursor: null } };
    },

    async getJourney({ params }) {
      const reply = await replyWith(await requireHead(params.id));
      return { ...reply, body: { ...reply.body, inside: await inside(reply.body.definition) } };
    },

    async putJourney({ params, body, headers, caller }) {
      const expected = expectedVersion(headers["if-match"]);
      await requireReferences(table, body, "The journey was not kept");
      const head = await store.head(params.id);
      if (head === undefined && expected !== undefined) {
        throw new DomainError("not_found", `There is no journey ${params.id} to change.`);
      }
      if (head !== undefined && expected === undefined) {
        const how = `It is at revision ${head.revision}. Send If-Match: "${head.revision}" to change it.`;
        throw new DomainError("already_exists", `The journey ${params.id} exists. ${how}`);
      }
      if (head !== undefined) requireRevision(head, expected);
      const by = { updatedAt: now().toISOString(), updatedBy: caller?.username ?? "unknown" };
      const written = await store.putHead(withDraft(head, params.id, body, by));
      return replyWith(written, head === undefined ? 201 : 200);
    },

    async publishJourney(request) {
      const reply = await changed(async (head) => {
        // Again: a draft may be old, and a segment that it names archived since.
        if (head.draft !== undefined) await requireReferences(table, head.draft, "The journey was not published");
        const next = await publish(store, head);
        const walk = await walkOf(next, request.query.include);
        // Before the head: a crash in between leaves walks that find nothing published, and do nothing.
        if (walk !== undefined) await enrolLater(table, next, walk, now());
        return next;
      })(request);
      return { ...reply, body: { ...reply.body, inside: await inside(await publishedOf(reply.body)) } };
    },
    pauseJourney: changed(pause),
    resumeJourney: changed(resume),
    archiveJourney: changed(async (head) => {
      const next = archive(head, now());
      if (next !== head) await endRunsLater(table, head.id, now());
      return next;
    }),

    async getJourneyReport({ params }) {
      const { definition } = await definitionsOf(await requireHead(params.id));
      const { runs, steps } = await readReport(table, params.id, now());
      const older = Object.keys(steps).filter((stepId) => !definition.steps.some(({ id }) => id === stepId));
      const all = [...definition.steps, ...older.map((id) => ({ id, type: null }))];
      const lines = all.map(({ id, type }) => ({ stepId: id, type, ...(steps[id] ?? noStepCounts()) }));
      return { status: 200, body: { runs, steps: lines } };
    },

    async simulateJourney({ params, body }) {
      const head = await requireHead(params.id);
      const journey: Journey = {
        ...(await definitionsOf(head)).definition,
        id: params.id,
        version: head.publishedVersion,
      };
      const at = new Date(body.at ?? now()).toISOString();
      const event = {
        eventId: "trigger",
        name: startingEvents(journey)[0] ?? "",
        occurredAt: at,
        properties: body.trigger,
      };
      requireEntryKey(journey, event);
      const events = body.events.map(({ event: name, after, properties }, index) => ({
        eventId: `event-${index}`,
        name,
        occurredAt: new Date(Date.parse(at) + millisecondsOf(after)).toISOString(),
        properties,
      }));
      const contactId = body.contactId ?? "example";
      const contact = body.contact ?? (await contactFacts(table, body.contactId));
      const simulated = simulate(journey, {
        contact,
        contactId,
        event,
        events,
        timeZone: timeZoneFor(journey, contact, timeZone),
      });
      const { mails: asked, data, ...way } = simulated;
      const isExample = body.contact !== undefined || body.contactId === undefined;
      const recipient = isExample ? undefined : await readRecipientFrom(table)(contactId);
      const occasion =
        recipient === undefined ? exampleOccasion(contact, house, data) : occasionOf(recipient, house, data);
      const templates = await templatesOf(asked.map(({ templateId }) => templateId));
      const previews = await previewMails(
        asked,
        async (id) => templates.get(id),
        occasion,
        (about) => recommendFrom(table)(contactId, about),
      );
      const reach = typeof recipient === "object" ? await readReach(table, contactId, recipient) : undefined;
      const mails = withForesight(previews, templates, { reach, rules, ending: way });
      return { status: 200, body: { ...way, mails } };
    },
  };
}

function requireRevision({ id, revision }: JourneyHead, expected: number | undefined): void {
  if (expected === undefined || expected === revision) return;
  throw new DomainError(
    "version_conflict",
    `The journey ${id} is now at revision ${revision}; yours was ${expected}. Read it again before you change it.`,
  );
}

function requireEntryKey({ trigger }: Journey, event: Parameters<typeof entryKeyFor>[1]): void {
  if (entryKeyFor({ trigger }, event) !== undefined || !("event" in trigger)) return;
  const message = `has none of ${trigger.entryKey?.join(", ")}, so it would start nothing`;
  throw new DomainError("invalid_input", `The trigger ${message}.`, {
    errors: [{ pointer: "/trigger", message, code: "no_entry_key" }],
  });
}

async function contactFacts(table: Table, contactId: string | undefined): Promise<Readonly<Record<string, unknown>>> {
  if (contactId === undefined) return {};
  const contact = await getContact(table, contactId);
  if (contact === undefined) throw new DomainError("not_found", `There is no contact ${contactId}.`);
  return { ...viewOfContact(contact) };
}

function withoutVersion({ id: _id, version: _version, ...definition }: Journey): JourneyDefinition {
  return definition;
}

function viewOf({ draft, hears: _hears, ...head }: JourneyHead) {
  return { ...head, hasDraft: draft !== undefined };
}
