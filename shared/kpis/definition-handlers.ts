import { DomainError } from "../errors.ts";
import { expectedVersion } from "../http/if-match.ts";
import type { Handlers } from "../http/router.ts";
import type { kpiDefinitionRoutes } from "../http/routes/kpi-definitions.ts";
import type { Table } from "../table/client.ts";
import { basisOf, type Catalogue, kpisOf, withBasis, withDefinition, withoutDefinition } from "./catalogue.ts";
import { changeCatalogue, readCatalogue } from "./catalogue-store.ts";
import { formulaOf } from "./explain.ts";
import { factShapes, facts } from "./fact.ts";
import { historyOf } from "./history-store.ts";

export interface DefinitionHandlerDependencies {
  readonly table: Table;
  readonly currency: string;
  readonly now: () => Date;
}

/** What the staff API does with the definitions of KPIs. */
export function definitionHandlers({
  table,
  currency,
  now,
}: DefinitionHandlerDependencies): Handlers<typeof kpiDefinitionRoutes> {
  const viewOf = async (catalogue: Catalogue, id: string) => {
    const kpi = kpisOf(catalogue, currency).find((candidate) => candidate.id === id);
    if (kpi === undefined) throw new DomainError("not_found", `There is no KPI ${id}.`);
    const own = catalogue.definitions[id];
    return {
      ...kpi,
      formula: formulaOf(kpi),
      history: await historyOf(table, catalogue, [kpi], now()),
      shipped: own === undefined,
      revision: own?.revision ?? null,
      updatedAt: own?.updatedAt ?? null,
      updatedBy: own?.updatedBy ?? null,
    };
  };
  const etagOf = ({ revision }: { readonly revision: number | null }) =>
    revision === null ? {} : { etag: `"${revision}"` };

  return {
    async getKpi({ params }) {
      const body = await viewOf(await readCatalogue(table, { consistent: true }), params.id);
      return { status: 200, body, headers: etagOf(body) };
    },

    async putKpi({ params, body, headers, caller }) {
      const expected = expectedVersion(headers["if-match"]);
      const stamp = { updatedAt: now().toISOString(), updatedBy: caller?.username ?? "unknown" };
      const catalogue = await changeCatalogue(table, (before) =>
        withDefinition(before, params.id, body, { stamp, expected }),
      );
      const view = await viewOf(catalogue, params.id);
      return { status: expected === undefined ? 201 : 200, body: view, headers: etagOf(view) };
    },

    async deleteKpi({ params, headers }) {
      const expected = expectedVersion(headers["if-match"]);
      await changeCatalogue(table, (before) => withoutDefinition(before, params.id, expected));
      return { status: 204 };
    },

    async getKpiHistory() {
      const catalogue = await readCatalogue(table, { consistent: true });
      return { status: 200, body: await historyOf(table, catalogue, kpisOf(catalogue, currency), now()) };
    },

    async getKpiBasis() {
      const body = basisViewOf(await readCatalogue(table, { consistent: true }));
      return { status: 200, body, headers: etagOf(body) };
    },

    async putKpiBasis({ body, headers, caller }) {
      const expected = expectedVersion(headers["if-match"]);
      const stamp = { updatedAt: now().toISOString(), updatedBy: caller?.username ?? "unknown" };
      const view = basisViewOf(await changeCatalogue(table, (before) => withBasis(before, body, { stamp, expected })));
      return { status: 200, body: view, headers: etagOf(view) };
    },

    async listKpiFacts() {
      const items = facts.map((fact) => ({
        fact,
        numbers: [...factShapes[fact].numbers],
        texts: [...factShapes[fact].texts],
      }));
      return { status: 200, body: { items, nextCursor: null } };
    },
  };
}

function basisViewOf(catalogue: Catalogue) {
  const { basis, rhythm } = catalogue;
  const { activeDays = "auto" as const, revision = null, updatedAt = null, updatedBy = null } = basis ?? {};
  const now = basisOf(catalogue);
  const measured = rhythm && { days: rhythm.days, gaps: rhythm.gaps, adoptedAt: rhythm.at };
  return {
    activeDays,
    grossMargin: now.grossMargin,
    activeDaysNow: now.activeDays,
    rhythm: measured ?? null,
    revision,
    updatedAt,
    updatedBy,
  };
}
