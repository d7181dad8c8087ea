import { getBroadcast } from "../broadcasts/broadcast-store.ts";
import { DomainError } from "../errors.ts";
import { expectedVersion } from "../http/if-match.ts";
import type { Handlers } from "../http/router.ts";
import type { resultRoutes } from "../http/routes/results.ts";
import { openJourneys } from "../journeys/journey-store.ts";
import { addDays, localDateAt } from "../kpis/calendar.ts";
import type { Table } from "../table/client.ts";
import type { CampaignCost } from "./cost.ts";
import { putCost, readCost } from "./cost-store.ts";
import { type DayRange, type ResultAccount, readResults } from "./report.ts";

export interface ResultDependencies {
  readonly table: Table;
  readonly account: ResultAccount;
  readonly now: () => Date;
}

const usualDays = 30;
const mostDays = 400;

/** The staff API's handlers of campaigns' results and costs. */
export function resultHandlers({ table, account, now }: ResultDependencies): Handlers<typeof resultRoutes> {
  const journeys = openJourneys(table);

  async function requireJourney(id: string): Promise<void> {
    if ((await journeys.head(id)) === undefined) throw new DomainError("not_found", `There is no journey ${id}.`);
  }

  async function requireBroadcast(id: string): Promise<void> {
    if ((await getBroadcast(table, id)) === undefined)
      throw new DomainError("not_found", `There is no broadcast ${id}.`);
  }

  return {
    async getJourneyResults({ params, query }) {
      const range = rangeOf(query, localDateAt(now(), account.timeZone));
      await requireJourney(params.id);
      const campaign = { type: "journey", id: params.id } as const;
      return { status: 200, body: await readResults({ table, account, now: now() }, campaign, range) };
    },

    async getBroadcastResults({ params, query }) {
      const range = rangeOf(query, localDateAt(now(), account.timeZone));
      await requireBroadcast(params.id);
      const campaign = { type: "broadcast", id: params.id } as const;
      return { status: 200, body: await readResults({ table, account, now: now() }, campaign, range) };
    },

    async getCampaignCost({ params }) {
      const cost = await readCost(table, params);
      if (cost !== undefined) return replyWith(cost, 200);
      throw new DomainError("not_found", `Nothing has been entered as the cost of the ${params.type} ${params.id}.`);
    },

    async putCampaignCost({ params, body, headers, caller }) {
      await (params.type === "journey" ? requireJourney(params.id) : requireBroadcast(params.id));
      const expected = expectedVersion(headers["if-match"]);
      const stamp = { updatedAt: now().toISOString(), updatedBy: caller?.username ?? "unknown" };
      const cost = { ...body, version: (expected ?? 0) + 1, ...stamp };
      await putCost(table, params, cost, expected);
      return replyWith(cost, expected === undefined ? 201 : 200);
    },
  };
}

/**
 * The days that a query asks for, both included.
 *
 * @throws DomainError invalid_input for an end before the beginning, or more days than are read at once.
 */
export function rangeOf(
  { from, to }: { readonly from?: string | undefined; readonly to?: string | undefined },
  today: string,
): DayRange {
  const last = to ?? (from !== undefined && from > today ? from : today);
  const first = from ?? addDays(last, 1 - usualDays);
  if (first > last) throw refusal("/query/from", `must not be after ${last}`);
  if (first < addDays(last, 1 - mostDays))
    throw refusal("/query/from", `must lie within ${mostDays} days before ${last}`);
  return { from: first, to: last };
}

function refusal(pointer: string, message: string): DomainError {
  const errors = [{ pointer, message, code: "invalid_range" }];
  return new DomainError("invalid_input", `These days cannot be reported: from ${message}.`, { errors });
}

function replyWith(cost: CampaignCost, status: number) {
  return { status, body: cost, headers: { etag: `"${cost.version}"` } };
}
