import { getContact } from "../contacts/contact-store.ts";
import { viewOfContact } from "../contacts/contact-view.ts";
import { DomainError } from "../errors.ts";
import { expectedVersion } from "../http/if-match.ts";
import type { Handlers } from "../http/router.ts";
import type { segmentRoutes } from "../http/routes/segments.ts";
import type { Table } from "../table/client.ts";
import { circleThrough, dependenciesOf } from "./dependencies.ts";
import { describe } from "./describe.ts";
import { countBound, countMembers, listMembers, readHeld } from "./membership-store.ts";
import { previewBound, previewSegment } from "./preview-store.ts";
import { newEmptying, newRebuild } from "./rebuild.ts";
import type { Rule } from "./rule.ts";
import { type Segment, viewOfSegment } from "./segment.ts";
import { getSegment, listSegments, putSegment } from "./segment-store.ts";
import { usersOfSegment } from "./segment-users-store.ts";

/** What the staff API does with segments. */
export function segmentHandlers(deps: {
  readonly table: Table;
  readonly now: () => Date;
}): Handlers<typeof segmentRoutes> {
  const { table, now } = deps;
  return {
    async listSegments() {
      return { status: 200, body: { items: (await listSegments(table)).map(viewOfSegment), nextCursor: null } };
    },

    async getSegment({ params }) {
      const segment = await requireSegment(table, params.id);
      const members = await countMembers(table, segment.id, countBound);
      const etag = `"${segment.version}"`;
      return { status: 200, body: { ...viewOfSegment(segment), members }, headers: { etag } };
    },

    async putSegment({ params, body, headers, caller }) {
      const given = expectedVersion(headers["if-match"]);
      requireSound(params.id, body.rule, await listSegments(table));
      const expected = given ?? (await archivedVersion(table, params.id));
      const version = (expected ?? 0) + 1;
      const segment: Segment = {
        ...body,
        id: params.id,
        version,
        updatedAt: now().toISOString(),
        updatedBy: caller?.username ?? "unknown",
        rebuild: newRebuild(version),
      };
      await putSegment(table, segment, expected);
      const status = given === undefined ? 201 : 200;
      return { status, body: viewOfSegment(segment), headers: { etag: `"${version}"` } };
    },

    async deleteSegment({ params, headers, caller }) {
      const segment = await requireSegment(table, params.id);
      if (segment.archivedAt !== undefined) return { status: 202, body: viewOfSegment(segment) };
      await requireUnused(table, segment.id);
      const version = segment.version + 1;
      const at = now().toISOString();
      const by = { updatedAt: at, updatedBy: caller?.username ?? "unknown" };
      const archived: Segment = { ...segment, ...by, archivedAt: at, version, rebuild: newEmptying(version) };
      await putSegment(table, archived, expectedVersion(headers["if-match"]) ?? segment.version);
      return { status: 202, body: viewOfSegment(archived) };
    },

    async previewSegment({ body: { rule } }) {
      const { members, ...preview } = await previewSegment(table, rule, now());
      const body = { words: describe(rule), bound: previewBound, ...preview, members: members.map(viewOfContact) };
      return { status: 200, body };
    },

    async listSegmentMembers({ params, query }) {
      await requireSegment(table, params.id);
      const { items, nextCursor } = await listMembers(table, params.id, query);
      return { status: 200, body: { items: items.map(viewOfContact), nextCursor: nextCursor ?? null } };
    },

    async listContactSegments({ params }) {
      const { memberships } = await readHeld(table, params.id);
      if (memberships.size === 0 && (await getContact(table, params.id)) === undefined) {
        throw new DomainError("not_found", `There is no contact ${params.id}.`);
      }
      const items = [...memberships.values()].map(({ segmentId, state, since, segmentVersion }) => ({
        segmentId,
        state,
        since,
        segmentVersion,
      }));
      return { status: 200, body: { items, nextCursor: null } };
    },
  };
}

async function requireSegment(table: Table, id: string): Promise<Segment> {
  const segment = await getSegment(table, id);
  if (segment === undefined) throw new DomainError("not_found", `There is no segment ${id}.`);
  return segment;
}

/** The version of an archived segment, which a new one of its id takes the place of. */
async function archivedVersion(table: Table, id: string): Promise<number | undefined> {
  const segment = await getSegment(table, id);
  return segment?.archivedAt === undefined ? undefined : segment.version;
}

async function requireUnused(table: Table, id: string): Promise<void> {
  const users = await usersOfSegment(table, id);
  if (users.length === 0) return;
  throw new DomainError("in_use", `The segment ${id} stays: ${users.join(", ")} ask for it. Change these first.`, {
    errors: users.map((user) => ({ pointer: "", message: `${user} asks for the segment`, code: "in_use" })),
  });
}

/** Loading and evaluating them all must stay small work. */
const mostSegments = 200;

/** A rule may ask only for segments that exist, and never for itself, on whatever way round. */
function requireSound(id: string, rule: Rule, segments: readonly Segment[]): void {
  const rules = new Map(segments.map((segment) => [segment.id, segment.rule]));
  if (rules.size >= mostSegments && !rules.has(id)) throw refusal("", `there are ${mostSegments} segments already`);
  rules.set(id, rule);
  const circle = circleThrough(id, rules);
  if (circle !== undefined) {
    throw refusal("/rule", `the segments ask for one another in a circle: ${circle.join(" → ")}; take one of them out`);
  }
  const missing = [...dependenciesOf(rule).segments].filter((other) => !rules.has(other));
  if (missing.length > 0) throw refusal("/rule", `there is no segment ${missing.join(", ")}; make it first`);
}

function refusal(pointer: string, message: string): DomainError {
  return new DomainError("invalid_input", `The segment was not saved: ${message}.`, {
    errors: [{ pointer, message, code: "unsound_segment" }],
  });
}
