import { DomainError, type Violation } from "../errors.ts";
import { expectedVersion } from "../http/if-match.ts";
import type { Handlers } from "../http/router.ts";
import type { reviewRoutes } from "../http/routes/reviews.ts";
import type { Kpi } from "../kpis/kpi.ts";
import type { Target } from "../kpis/target.ts";
import { readTarget } from "../kpis/target-store.ts";
import type { Table } from "../table/client.ts";
import { changedTarget, placeOf } from "./closing.ts";
import { actionsOf, readLateFigures } from "./gather-store.ts";
import type { Review, TargetChange } from "./review.ts";
import {
  closeReview,
  listReviews,
  putReview,
  putSchedule,
  readGathered,
  readReview,
  readSchedule,
} from "./review-store.ts";
import type { Schedule } from "./schedule.ts";

export interface ReviewHandlerDependencies {
  readonly table: Table;
  /** Those that are defined now. */
  readonly kpis: () => Promise<readonly Kpi[]>;
  readonly now: () => Date;
}

type Caller = { readonly username: string } | undefined;

/** What the staff API does with reviews and their schedule. */
export function reviewHandlers({ table, kpis, now }: ReviewHandlerDependencies): Handlers<typeof reviewRoutes> {
  const stampOf = (caller: Caller) => ({ updatedAt: now().toISOString(), updatedBy: caller?.username ?? "unknown" });

  /** The review as it was read, still open. */
  async function requireOpen(id: string, ifMatch: string | undefined): Promise<Review> {
    const review = await requireReview(table, id);
    if (review.state === "closed") throw closed(review);
    const { version } = review;
    if (expectedVersion(ifMatch) === version) return review;
    const how = `Read it, then send If-Match: "${version}".`;
    throw new DomainError("version_conflict", `The review ${id} is at version ${version}. ${how}`);
  }

  /** The versions of the targets that closing writes. */
  async function targetsOf(
    changes: readonly TargetChange[],
    review: Review,
    stamp: ReturnType<typeof stampOf>,
  ): Promise<readonly Target[]> {
    const known = await kpis();
    const faults: Violation[] = [];
    const targets: Target[] = [];
    const places = new Set<string>();
    for (const [index, change] of changes.entries()) {
      const say = (pointer: string, message: string) =>
        void faults.push({ pointer: `/targets/${index}${pointer}`, message, code: "invalid_value" });
      const place = placeOf(change);
      const kpi = known.find(({ id }) => id === change.kpi);
      if (kpi === undefined) say("/kpi", `there is no KPI ${change.kpi}`);
      else if (place === undefined) say(change.by === undefined ? "/by" : "/group", "a group is named by both");
      else if (places.has(JSON.stringify(place))) say("", "the same target is set twice");
      else {
        places.add(JSON.stringify(place));
        const current = await readTarget(table, place);
        const next = changedTarget(change, { review, kpi, place, current, stamp });
        if ("version" in next) targets.push(next);
        else for (const { pointer, message } of next) say(pointer, message);
      }
    }
    if (faults.length === 0) return targets;
    const detail = `The review stays open, and no target was set: ${faults[0]?.message}.`;
    throw new DomainError("invalid_input", detail, { errors: faults });
  }

  return {
    async listReviews({ query }) {
      const { items, nextCursor } = await listReviews(table, query);
      return { status: 200, body: { items: [...items], nextCursor } };
    },

    async getReview({ params: { id } }) {
      const review = await requireReview(table, id);
      const gathered = await readGathered(table, id);
      if (gathered === undefined) throw new Error("the review has no figures");
      const [actions, lateFigures] = await Promise.all([
        actionsOf(table, id),
        kpis().then((known) => readLateFigures(table, review, gathered, known)),
      ]);
      const shown = actions.map(({ requestHash: _, ...action }) => action);
      const body = { ...review, gathered, lateFigures: [...lateFigures], actions: shown };
      return { status: 200, body, headers: { etag: `"${review.version}"` } };
    },

    async putReview({ params, body, headers, caller }) {
      const review = await requireOpen(params.id, headers["if-match"]);
      const next: Review = { ...review, ...body, ...stampOf(caller), version: review.version + 1 };
      await putReview(table, next);
      return replyWith(next);
    },

    async closeReview({ params, body, headers, caller }) {
      const review = await requireOpen(params.id, headers["if-match"]);
      const stamp = stampOf(caller);
      const targets = await targetsOf(body.targets, review, stamp);
      const next: Review = {
        ...review,
        ...stamp,
        ...{ state: "closed", closedAt: stamp.updatedAt, closedBy: stamp.updatedBy },
        targets: body.targets,
        version: review.version + 1,
      };
      await closeReview(table, next, targets);
      return replyWith(next);
    },

    async getReviewSchedule() {
      return replyWith(await readSchedule(table));
    },

    async putReviewSchedule({ body, headers, caller }) {
      const { version } = await readSchedule(table);
      if ((expectedVersion(headers["if-match"]) ?? 0) !== version)
        throw new DomainError(
          "version_conflict",
          `The schedule is at version ${version}. Send If-Match: "${version}".`,
        );
      const schedule: Schedule = { ...body, version: version + 1, ...stampOf(caller) };
      await putSchedule(table, schedule);
      return replyWith(schedule);
    },
  };
}

/** @throws DomainError not_found */
async function requireReview(table: Table, id: string): Promise<Review> {
  const review = await readReview(table, id);
  if (review === undefined) throw new DomainError("not_found", `There is no review ${id}.`);
  return review;
}

function closed({ id, closedAt, closedBy }: Review): DomainError {
  const message = `is closed since ${closedAt} by ${closedBy}`;
  return new DomainError("invalid_input", `The review ${id} ${message}, and stays as it is.`, {
    errors: [{ pointer: "", message, code: "invalid_state" }],
  });
}

function replyWith<Body extends { readonly version: number }>(body: Body) {
  return { status: 200 as const, body, headers: { etag: `"${body.version}"` } };
}
