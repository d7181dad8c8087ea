import { DomainError } from "../errors.ts";
import { expectedVersion } from "../http/if-match.ts";
import type { Handlers } from "../http/router.ts";
import type { targetRoutes } from "../http/routes/targets.ts";
import type { Table } from "../table/client.ts";
import type { Kpi } from "./kpi.ts";
import type { PeriodKind } from "./period.ts";
import { type Slice, type Target, type TargetInput, type TargetPlace, targetFaults } from "./target.ts";
import { putTarget, readGroupTargets, readStandards, readTarget, readTargetHistory } from "./target-store.ts";

export interface TargetHandlerDependencies {
  readonly table: Table;
  /** Those that are defined now. */
  readonly kpis: () => Promise<readonly Kpi[]>;
  readonly now: () => Date;
}

/** What the staff API does with targets. */
export function targetHandlers({ table, kpis, now }: TargetHandlerDependencies): Handlers<typeof targetRoutes> {
  const requireKpi = async (id: string) => {
    const kpi = (await kpis()).find((candidate) => candidate.id === id);
    if (kpi === undefined) throw new DomainError("not_found", `There is no KPI ${id}.`);
    return kpi;
  };

  return {
    async listTargets({ query }) {
      const { targets } = await readStandards(table);
      const items =
        query.kpi === undefined
          ? targets
          : [
              ...targets.filter(({ kpi }) => kpi === query.kpi),
              ...(await readGroupTargets(table, (await requireKpi(query.kpi)).id)),
            ];
      return { status: 200, body: { items: [...items], nextCursor: null } };
    },

    async getTarget({ params, query }) {
      const place = placeOf(await requireKpi(params.kpi), params.period, query);
      return replyWith(standing(await readTarget(table, place), place), 200);
    },

    async putTarget({ params, query, body, headers, caller }) {
      const kpi = await requireKpi(params.kpi);
      const place = placeOf(kpi, params.period, query);
      const errors = targetFaults(kpi, place, body);
      if (errors.length > 0)
        throw new DomainError("invalid_input", `Such a target is impossible: ${errors[0]?.message}.`, { errors });
      const current = await readTarget(table, place);
      const target = nextTarget(current, place, body, {
        expected: expectedVersion(headers["if-match"]),
        updatedAt: now().toISOString(),
        updatedBy: caller?.username ?? "unknown",
      });
      await putTarget(table, target);
      return replyWith(target, current === undefined || current.ended ? 201 : 200);
    },

    async deleteTarget({ params, query, headers, caller }) {
      const place = placeOf(await requireKpi(params.kpi), params.period, query);
      const current = standing(await readTarget(table, place), place);
      const expected = expectedVersion(headers["if-match"]) ?? current.version;
      if (expected !== current.version) throw stale(current);
      const stamp = { updatedAt: now().toISOString(), updatedBy: caller?.username ?? "unknown" };
      const ended: Target = { ...current, ...stamp, version: current.version + 1, ended: true };
      await putTarget(table, ended);
      return replyWith(ended, 200);
    },

    async getTargetHistory({ params, query: { limit, cursor, ...slice } }) {
      const place = placeOf(await requireKpi(params.kpi), params.period, slice);
      const { items, nextCursor } = await readTargetHistory(table, place, { limit, cursor });
      return { status: 200, body: { items: [...items], nextCursor } };
    },
  };
}

function placeOf(
  kpi: Kpi,
  period: PeriodKind,
  { by, group }: { readonly by?: string | undefined; readonly group?: string | undefined },
): TargetPlace {
  if (by === undefined && group === undefined) return { kpi: kpi.id, period };
  if (by !== undefined && group !== undefined) return { kpi: kpi.id, period, slice: { by, group } };
  const missing = by === undefined ? "by" : "group";
  throw new DomainError("invalid_input", "A group is named by both by and group, such as by=owner&group=mia.", {
    errors: [{ pointer: `/query/${missing}`, message: "is missing", code: "required" }],
  });
}

function standing(target: Target | undefined, { kpi, period, slice }: TargetPlace): Target {
  if (target !== undefined && target.ended === undefined) return target;
  const whose = slice === undefined ? "" : ` of ${slice.by} ${slice.group}`;
  throw new DomainError("not_found", `${kpi}${whose} has no target by ${period}. PUT one.`);
}

/**
 * The version after the one that stands.
 *
 * @throws DomainError not_found, already_exists or version_conflict when the change was made from another
 */
export function nextTarget(
  current: Target | undefined,
  place: TargetPlace,
  input: TargetInput,
  { expected, ...stamp }: { readonly expected: number | undefined } & Pick<Target, "updatedAt" | "updatedBy">,
): Target {
  const stands = current !== undefined && current.ended === undefined;
  if (expected !== undefined && !stands)
    throw new DomainError("not_found", `${place.kpi} has no target by ${place.period} yet. Leave out If-Match.`);
  if (expected === undefined && stands) throw stale(current, "already_exists");
  if (stands && expected !== current.version) throw stale(current);
  return { ...input, ...fieldsOf(place), version: (current?.version ?? 0) + 1, ...stamp };
}

function fieldsOf({ kpi, period, slice }: TargetPlace) {
  const named: { kpi: string; period: PeriodKind; slice?: Slice } = { kpi, period };
  return slice === undefined ? named : { ...named, slice };
}

function stale({ kpi, version }: Target, code: "already_exists" | "version_conflict" = "version_conflict") {
  return new DomainError(code, `${kpi} has a target at version ${version}. Read it, then send If-Match: "${version}".`);
}

function replyWith<Status extends 200 | 201>(target: Target, status: Status) {
  return { status, body: target, headers: { etag: `"${target.version}"` } };
}
