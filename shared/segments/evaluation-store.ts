import { putDue } from "../due/due-store.ts";
import type { Table } from "../table/client.ts";
import type { Definition, Definitions } from "./definition-store.ts";
import { type Evaluation, evaluate } from "./evaluate.ts";
import type { SegmentContact } from "./facts.ts";
import { needsOf, readFacts, readSegmentContact } from "./facts-store.ts";
import { type Clock, clockAfter, flipped, type Mark } from "./membership.ts";
import { type Held, putNext, readHeld } from "./membership-store.ts";
import type { SegmentMessage } from "./rebuild.ts";

export interface EvaluationDependencies {
  readonly table: Table;
  readonly definitions: Definitions;
  readonly now: () => Date;
}

export interface EvaluationRequest {
  readonly contactId: string;
  /** Which segments are to be evaluated. */
  readonly concerns: (definition: Definition) => boolean;
  /** What an entry or exit that comes of it is marked with. */
  readonly mark: Mark;
}

const attempts = 6;

/**
 * Brings a contact's memberships in line with the facts. What equals what is stored writes nothing. Memberships are
 * read before the facts and written on condition of what was read, so that older facts never win over newer ones.
 *
 * @returns how many of the segments the contact is in; 0 without a contact.
 * @throws Error when others change the same memberships again and again; calling it again is right.
 */
export async function evaluateContact(deps: EvaluationDependencies, request: EvaluationRequest): Promise<number> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const members = await evaluateOnce(deps, request);
    if (members !== "changed meanwhile") return members;
  }
  throw new Error(`the memberships changed under all of ${attempts} attempts to evaluate them`);
}

async function evaluateOnce(
  deps: EvaluationDependencies,
  { contactId, concerns, mark }: EvaluationRequest,
): Promise<number | "changed meanwhile"> {
  const { table } = deps;
  const concerned = (await deps.definitions.all()).filter(concerns);
  if (concerned.length === 0) return 0;
  const held = await readHeld(table, contactId);
  const contact = await readSegmentContact(table, contactId);
  if (contact === undefined) return 0;
  const now = deps.now();
  const results = await evaluateAll(table, contact, concerned, held, now);
  for (const { definition, evaluation } of results) {
    const written = await writeMembership(deps, { contactId, held, definition, evaluation, mark, now });
    if (written === "changed meanwhile") return written;
  }
  const changesAt = results.flatMap(({ evaluation }) => evaluation.changesAt ?? []).sort()[0];
  const clock = clockAfter(held.clock, contactId, changesAt, now);
  if (clock !== undefined && (await setClock(table, contactId, clock)) === "changed meanwhile")
    return "changed meanwhile";
  return results.filter(({ evaluation }) => evaluation.member).length;
}

interface Result {
  readonly definition: Definition;
  readonly evaluation: Evaluation;
}

async function evaluateAll(
  table: Table,
  contact: SegmentContact,
  definitions: readonly Definition[],
  held: Held,
  now: Date,
): Promise<readonly Result[]> {
  const memberOf = new Set(
    [...held.memberships.values()].filter(({ state }) => state === "in").map((it) => it.segmentId),
  );
  const needs = needsOf(definitions.map(({ dependencies }) => dependencies));
  const facts = await readFacts(table, contact, needs, memberOf, now);
  return definitions.map((definition) => {
    const { segment, cutPoints, activity } = definition;
    return { definition, evaluation: evaluate(segment.rule, { ...facts, cutPoints, activity }, now) };
  });
}

async function writeMembership(
  { table, definitions }: EvaluationDependencies,
  {
    contactId,
    held,
    definition,
    evaluation,
    mark,
    now,
  }: Result & {
    readonly contactId: string;
    readonly held: Held;
    readonly mark: Mark;
    readonly now: Date;
  },
): Promise<"written" | "changed meanwhile"> {
  const { id: segmentId, version: segmentVersion } = definition.segment;
  const { member } = evaluation;
  const before = held.memberships.get(segmentId);
  if ((before?.state === "in") === member) return "written";
  if (!(await definitions.isCurrent(segmentId))) return "changed meanwhile";
  const change = { contactId, segmentId, segmentVersion, member, at: now.toISOString(), mark };
  return putNext(table, flipped(before, change));
}

/** The due item comes first: a clock that runs has one. */
async function setClock(table: Table, contactId: string, clock: Clock): Promise<"written" | "changed meanwhile"> {
  const body: SegmentMessage = { type: "contact", contactId };
  await putDue(table, { at: new Date(clock.dueAt), id: `segments-${contactId}`, queue: "segments", body });
  return putNext(table, clock);
}
