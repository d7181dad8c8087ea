import { DomainError } from "../errors.ts";
import { requireIdempotencyKey } from "../http/idempotency-key.ts";
import { expectedVersion } from "../http/if-match.ts";
import type { Handlers } from "../http/router.ts";
import type { costRoutes } from "../http/routes/costs.ts";
import type { Table } from "../table/client.ts";
import { digestOf } from "../table/hash.ts";
import type { Cost } from "./cost.ts";
import { listCosts, putCostItem, readCostItem } from "./cost-store.ts";

/** What the staff API does with costs. */
export function costHandlers({
  table,
  now,
}: {
  readonly table: Table;
  readonly now: () => Date;
}): Handlers<typeof costRoutes> {
  return {
    async createCost({ body, headers, caller }) {
      const key = requireIdempotencyKey(headers["idempotency-key"]);
      const id = digestOf(["cost", caller?.subject ?? "", key], 26);
      const stamp = { updatedAt: now().toISOString(), updatedBy: caller?.username ?? "unknown" };
      const requestHash = digestOf([JSON.stringify(body)]);
      return replyWith(await created(table, { ...body, id, version: 1, ...stamp, requestHash }), 201);
    },

    async listCosts({ query }) {
      const { items, nextCursor } = await listCosts(table, query);
      return { status: 200, body: { items: items.map(viewOf), nextCursor } };
    },

    async deleteCost({ params, headers, caller }) {
      const cost = await readCostItem(table, params.id);
      if (cost === undefined) throw new DomainError("not_found", `There is no cost ${params.id}.`);
      if (cost.deletedAt !== undefined) return replyWith(cost, 200);
      const expected = expectedVersion(headers["if-match"]) ?? cost.version;
      if (expected !== cost.version)
        throw new DomainError("version_conflict", `The cost ${cost.id} is at version ${cost.version}.`);
      const at = now().toISOString();
      const updatedBy = caller?.username ?? "unknown";
      const gone: Cost = { ...cost, version: cost.version + 1, deletedAt: at, updatedAt: at, updatedBy };
      await putCostItem(table, gone);
      return replyWith(gone, 200);
    },
  };
}

/** The new cost; with the key and request of an earlier one, that one as it is now. */
async function created(table: Table, cost: Cost): Promise<Cost> {
  try {
    await putCostItem(table, cost);
    return cost;
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== "already_exists") throw error;
    const earlier = await readCostItem(table, cost.id);
    if (earlier?.requestHash === cost.requestHash) return earlier;
    throw new DomainError("idempotency_key_reused", "This Idempotency-Key entered another cost. Send a new key.");
  }
}

function viewOf({ requestHash: _, deletedAt, ...cost }: Cost) {
  return { ...cost, deletedAt: deletedAt ?? null };
}

function replyWith<Status extends 200 | 201>(cost: Cost, status: Status) {
  return { status, body: viewOf(cost), headers: { etag: `"${cost.version}"` } };
}
