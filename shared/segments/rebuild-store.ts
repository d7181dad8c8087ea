import { listShardAfter } from "../contacts/contact-list-store.ts";
import { readCustomerModel } from "../customers/customer-model-store.ts";
import { contactIdOf } from "../events/event-keys.ts";
import { attemptEach } from "../stream/concurrency.ts";
import type { Table } from "../table/client.ts";
import { notePage } from "../table/note-page.ts";
import { beginCensus, closeCensus, countPage, readCutPoints } from "./census-store.ts";
import { mayMove } from "./cut-points.ts";
import { type Dependencies, dependenciesOf } from "./dependencies.ts";
import { type EvaluationDependencies, evaluateContact } from "./evaluation-store.ts";
import { flipped } from "./membership.ts";
import { getMembership, memberIds, putNext } from "./membership-store.ts";
import type { PageMessage, RebuildShard, SegmentMessage } from "./rebuild.ts";
import { segmentKey } from "./segment.ts";
import { beginRebuild, getSegment, listSegments } from "./segment-store.ts";

export interface RebuildDependencies extends EvaluationDependencies {
  /** Contacts of a page; a shorter one is the last. 100 unless it says otherwise. */
  readonly pageSize?: number;
}
export const contactsOfPage = 100;
const concurrency = 16;

/** Works off one message of the segments queue; any number of times. */
export async function handleSegmentMessage(deps: RebuildDependencies, message: SegmentMessage): Promise<void> {
  switch (message.type) {
    case "page":
      return workPage(deps, message);
    case "census":
      return takeCensus(deps);
    case "censusPage":
      return countPage(deps.table, message, deps.now());
    case "shardCounted":
      return closeCensus(deps.table, deps.now());
    case "cutPointsMoved":
      return rebuildBy(deps.table, ({ ranks }) => ranks, { cutPoints: message.version });
    case "modelMoved":
      return rebuildBy(deps.table, ({ model }) => model, { moves: message.moves });
    case "contact":
      await evaluateContact(deps, {
        contactId: message.contactId,
        concerns: ({ dependencies }) => dependencies.time,
        mark: {},
      });
  }
}

/** A census that nobody asks for is not taken, nor one that could change nothing yet. */
async function takeCensus({ table, definitions, now }: EvaluationDependencies): Promise<void> {
  const isWanted = (await definitions.all()).some(({ dependencies }) => dependencies.ranks);
  if (!isWanted || !mayMove(await readCutPoints(table), now())) return;
  await beginCensus(table, now().toISOString().slice(0, 10));
}

/** What moved starts a rebuild of the segments that ask for it, and of no other; once, however often it is told. */
async function rebuildBy(
  table: Table,
  asks: (dependencies: Dependencies) => boolean,
  told: { readonly cutPoints?: number; readonly moves?: number },
): Promise<void> {
  const [points, model] = await Promise.all([readCutPoints(table), readCustomerModel(table)]);
  // Who told of it may know more than an eventual read.
  const cutPoints = Math.max(points?.version ?? 0, told.cutPoints ?? 0);
  const modelMoves = Math.max(model?.moves ?? 0, told.moves ?? 0);
  for (const segment of await listSegments(table)) {
    const dependencies = dependenciesOf(segment.rule);
    const moves = (dependencies.ranks ? cutPoints : 0) + (dependencies.model ? modelMoves : 0);
    if (asks(dependencies)) await beginRebuild(table, segment, moves);
  }
}

/**
 * Does one page of a segment's background work, then notes how far it has come; the note's own stream record starts the
 * next page. A page of an older definition, or one that was done before, does nothing.
 */
async function workPage(deps: RebuildDependencies, page: PageMessage): Promise<void> {
  const segment = await getSegment(deps.table, page.segmentId);
  const rebuild = segment?.rebuild;
  const isMeant = rebuild?.version === page.version && rebuild.cutPoints === page.cutPoints;
  const before = isMeant ? rebuild.shards[page.shard] : undefined;
  if (before === undefined || before.done || before.pages !== page.pages) return;
  const { pageSize = contactsOfPage } = deps;
  const work = segment?.archivedAt === undefined ? evaluatePage : emptyPage;
  const { looked, members, last } = await work(deps, page, pageSize);
  const after = last ?? page.after;
  const next: RebuildShard = {
    pages: before.pages + 1,
    evaluated: before.evaluated + looked,
    members: before.members + members,
    done: looked < pageSize,
    ...(after !== undefined && { after }),
  };
  const { version, cutPoints } = page;
  await notePage(
    deps.table,
    segmentKey(page.segmentId),
    { of: "rebuild", meant: { version, cutPoints }, ...page },
    next,
  );
}

interface PageResult {
  readonly looked: number;
  readonly members: number;
  /** The place in the list of the last one. */
  readonly last: string | undefined;
}

/** Evaluates one page of the list of contacts for a segment. */
async function evaluatePage(deps: EvaluationDependencies, page: PageMessage, pageSize: number): Promise<PageResult> {
  // A second look, since the first one only makes a process forget what it knows.
  const knows = () => deps.definitions.isCurrent(page.segmentId);
  if (!(await knows()) && !(await knows())) throw new Error(`segment ${page.segmentId} is not in the list yet`);
  const entries = await listShardAfter(deps.table, page, pageSize);
  let members = 0;
  await attemptEach(entries, concurrency, async ({ pk }) => {
    const isMember = await evaluateContact(deps, {
      contactId: contactIdOf(pk),
      concerns: ({ segment }) => segment.id === page.segmentId,
      mark: { rebuild: true },
    });
    members += isMember;
  });
  return { looked: entries.length, members, last: entries.at(-1)?.gsi1sk };
}

/** Takes one page of members out of a segment that is archived. */
async function emptyPage(
  { table, now }: EvaluationDependencies,
  page: PageMessage,
  pageSize: number,
): Promise<PageResult> {
  const { segmentId, version: segmentVersion, after } = page;
  const ids = await memberIds(table, { segmentId, shard: Number(page.shard), after }, pageSize);
  await attemptEach(ids, concurrency, async (contactId) => {
    const before = await getMembership(table, contactId, segmentId);
    if (before?.state !== "in") return;
    const change = { contactId, segmentId, segmentVersion, member: false, at: now().toISOString() };
    const written = await putNext(table, flipped(before, { ...change, mark: { archived: true } }));
    if (written !== "written") throw new Error("a membership changed while its segment was emptied");
  });
  return { looked: ids.length, members: 0, last: ids.at(-1) };
}
