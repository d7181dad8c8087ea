import { DomainError } from "../errors.ts";
import { readThemes } from "../feedback/theme-store.ts";
import { requireIdempotencyKey } from "../http/idempotency-key.ts";
import { expectedVersion } from "../http/if-match.ts";
import type { Handlers } from "../http/router.ts";
import type { actionRoutes } from "../http/routes/actions.ts";
import { localDateAt, periodContaining } from "../kpis/calendar.ts";
import { readReview } from "../reviews/review-store.ts";
import type { Table } from "../table/client.ts";
import { digestOf } from "../table/hash.ts";
import { type Action, changedAction, newAction, type Origin } from "./action.ts";
import { listActions, putAction, readAction, readActionHistory } from "./action-store.ts";

export interface ActionHandlerDependencies {
  readonly table: Table;
  readonly timeZone: string;
  readonly now: () => Date;
}

/** What the staff API does with actions. */
export function actionHandlers({ table, timeZone, now }: ActionHandlerDependencies): Handlers<typeof actionRoutes> {
  const stampOf = (caller: { readonly username: string } | undefined) => ({
    at: now().toISOString(),
    by: caller?.username ?? "unknown",
    today: localDateAt(now(), timeZone),
  });
  const requireAction = async (id: string) => {
    const action = await readAction(table, id);
    if (action === undefined) throw new DomainError("not_found", `There is no action ${id}.`);
    return action;
  };

  return {
    async listActions({ query: { state, owner, theme, review, limit, cursor } }) {
      if (theme !== undefined && review !== undefined) throw fault("/query/review", "name a theme or a review");
      const [kind, of] = theme === undefined ? (["review", review] as const) : (["theme", theme] as const);
      const origin = of === undefined ? undefined : { kind, of };
      const page = await listActions(table, { state, owner: owner?.toLowerCase(), origin, limit, cursor });
      return { status: 200, body: { items: page.items.map(viewOf), nextCursor: page.nextCursor } };
    },

    async createAction({ body, headers, caller }) {
      const key = requireIdempotencyKey(headers["idempotency-key"]);
      const stamp = stampOf(caller);
      const suffix = digestOf(["action", caller?.subject ?? "", key], 20);
      const action = newAction(body, { suffix, requestHash: digestOf([JSON.stringify(body)]) }, stamp);
      const earlier = await readAction(table, action.id);
      if (earlier !== undefined) return replyWith(sameRequest(earlier, action), 201);
      requireFuture(body.dueOn, stamp.today);
      await requireOrigin(body.origin, stamp.today);
      try {
        await putAction(table, action);
        return replyWith(action, 201);
      } catch (error) {
        if (!(error instanceof DomainError) || error.code !== "already_exists") throw error;
        return replyWith(sameRequest(await requireAction(action.id), action), 201);
      }
    },

    getAction: async ({ params }) => replyWith(await requireAction(params.id), 200),

    async putAction({ params, body, headers, caller }) {
      const action = await requireAction(params.id);
      const stamp = stampOf(caller);
      if (expectedVersion(headers["if-match"]) !== action.version)
        throw new DomainError(
          "version_conflict",
          `The action is at version ${action.version}. Read it, then send If-Match: "${action.version}".`,
        );
      if (body.dueOn !== action.dueOn) {
        if (action.state !== "open" || body.state !== "open")
          throw fault("/dueOn", "moves only while the action is open; open it again first");
        requireFuture(body.dueOn, stamp.today);
      }
      const next = changedAction(action, body, stamp);
      await putAction(table, next);
      return replyWith(next, 200);
    },

    async getActionHistory({ params, query }) {
      await requireAction(params.id);
      const { items, nextCursor } = await readActionHistory(table, params.id, query);
      return { status: 200, body: { items: items.map(viewOf), nextCursor } };
    },
  };

  async function requireOrigin(origin: Origin, today: string): Promise<void> {
    if (origin.kind === "review") {
      const review = await readReview(table, origin.review);
      if (review === undefined) throw fault("/origin/review", `there is no review ${origin.review}`);
      if (review.state === "closed") throw fault("/origin/review", `the review is closed since ${review.closedAt}`);
      return;
    }
    const { themes } = await readThemes(table);
    if (!themes.some(({ id }) => id === origin.theme))
      throw fault("/origin/theme", `there is no such theme; there are ${themes.map(({ id }) => id).join(", ")}`);
    const { start } = periodContaining(origin.period, origin.start);
    if (start !== origin.start)
      throw fault("/origin/start", `no ${origin.period} begins on ${origin.start}; this one begins on ${start}`);
    if (start > today) throw fault("/origin/start", `the ${origin.period} has not begun yet`);
  }
}

/** The action that a key has entered before, if the request was the same. */
function sameRequest(earlier: Action, action: Action): Action {
  if (earlier.requestHash === action.requestHash) return earlier;
  throw new DomainError("idempotency_key_reused", "This Idempotency-Key entered another action. Send a new key.");
}

function requireFuture(dueOn: string, today: string): void {
  if (dueOn < today) throw fault("/dueOn", `${dueOn} has passed; it is ${today}`);
}

function fault(pointer: string, message: string): DomainError {
  const errors = [{ pointer, message, code: "invalid_value" }];
  return new DomainError("invalid_input", `The action was not saved: ${pointer.slice(1)}: ${message}.`, { errors });
}

function viewOf({ requestHash: _, ...action }: Action) {
  return action;
}

function replyWith<Status extends 200 | 201>(action: Action, status: Status) {
  return { status, body: viewOf(action), headers: { etag: `"${action.version}"` } };
}
