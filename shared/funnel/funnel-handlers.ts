import { DomainError } from "../errors.ts";
import { expectedVersion } from "../http/if-match.ts";
import type { Handlers } from "../http/router.ts";
import type { funnelRoutes } from "../http/routes/funnel.ts";
import { localDateAt, periodContaining } from "../kpis/calendar.ts";
import type { Table } from "../table/client.ts";
import { funnelsOf } from "./funnel.ts";
import { readFunnel } from "./funnel-store.ts";
import { putStageRules, readStageRules } from "./stage-rule-store.ts";
import type { StageRules } from "./stage-rules.ts";

export interface FunnelHandlerDependencies {
  readonly table: Table;
  readonly timeZone: string;
  readonly now: () => Date;
}

/** What the staff API does with the funnel and the rules behind it. */
export function funnelHandlers({ table, timeZone, now }: FunnelHandlerDependencies): Handlers<typeof funnelRoutes> {
  return {
    async getFunnel({ query }) {
      const period = periodContaining(query.period, query.date ?? localDateAt(now(), timeZone));
      const found = await readFunnel(table, period);
      const items = found === undefined ? [] : funnelsOf(found.groups, query.by);
      return { status: 200, body: { period, asOf: found?.asOf ?? null, items: items.map(viewOf), nextCursor: null } };
    },

    async getStageRules() {
      return replyWith(await readStageRules(table));
    },

    async putStageRules({ body, headers, caller }) {
      const held = await readStageRules(table);
      if (expectedVersion(headers["if-match"]) !== held.version) {
        const detail = `The stage rules are at version ${held.version}. Read them, then send If-Match: "${held.version}".`;
        throw new DomainError("version_conflict", detail);
      }
      const stamp = { updatedAt: now().toISOString(), updatedBy: caller?.username ?? "unknown" };
      const next: StageRules = { ...body, version: held.version + 1, ...stamp };
      await putStageRules(table, next);
      return replyWith(next);
    },
  };
}

function viewOf<Of extends { readonly stages: readonly object[] }>(funnel: Of) {
  return { ...funnel, stages: [...funnel.stages] };
}

function replyWith(rules: StageRules) {
  return { status: 200, body: rules, headers: { etag: `"${rules.version}"` } } as const;
}
