import { DomainError } from "../errors.ts";
import type { Handlers } from "../http/router.ts";
import type { importRoutes } from "../http/routes/imports.ts";
import type { Table } from "../table/client.ts";
import { cancelled, type Import, importViewOf, newImport, resumed } from "./import.ts";
import { fileOf, isFileImport } from "./import-file.ts";
import { beginFile } from "./import-file-handlers.ts";
import { readParts } from "./import-file-store.ts";
import { getImport, latestReconciliation, listImports, putImport } from "./import-store.ts";
import { daysOf, differs } from "./reconciliation.ts";
import { getSource } from "./source-store.ts";

export interface ImportHandlerDependencies {
  readonly table: Table;
  readonly now: () => Date;
}

/** The staff API's handlers of imports. */
export function importHandlers({ table, now }: ImportHandlerDependencies): Handlers<typeof importRoutes> {
  async function requireImport(source: string, importId: string): Promise<Import> {
    const found = await getImport(table, source, importId);
    if (found === undefined) throw new DomainError("not_found", `${source} has no import ${importId}.`);
    return found;
  }

  async function requireNoneRunning(source: string): Promise<void> {
    const running = (await listImports(table, source)).find(({ state }) => state === "running");
    if (running !== undefined) throw alreadyRunning(source, running.importId);
  }

  /** A file begins when somebody has seen what it holds; anything else goes on where it stopped. */
  async function started(before: Import, withoutFaulty: boolean): Promise<Import | undefined> {
    if (!isFileImport(before.importId) || before.expected !== undefined) return resumed(before);
    await requireNoneRunning(before.source);
    return beginFile(table, before, withoutFaulty, now());
  }

  return {
    async startImport({ params: { source }, body: { from } }) {
      const shop = await getSource(table, source);
      if (shop?.address === undefined) {
        throw new DomainError(
          "not_found",
          `There is no shop "${source}" whose orders we can read. Give its \`api\` to PUT /v1/sources/${source}.`,
        );
      }
      await requireNoneRunning(source);
      const startedAt = now().toISOString();
      const importId = startedAt.replaceAll(/[:.]/g, "-");
      const next = newImport({
        source,
        importId,
        startedAt,
        ...(from !== undefined && { from: `${from}T00:00:00.000Z` }),
      });
      if ((await putImport(table, next)) !== "written") throw alreadyRunning(source, importId);
      return { status: 201, body: importViewOf(next) };
    },

    async listImports({ params: { source } }) {
      const items = (await listImports(table, source)).map(importViewOf);
      return { status: 200, body: { items, nextCursor: null } };
    },

    async getImport({ params: { source, importId } }) {
      const found = await requireImport(source, importId);
      const file = isFileImport(importId) ? fileOf(await readParts(table, found)) : undefined;
      return { status: 200, body: { ...importViewOf(found), ...(file && { file }) } };
    },

    async getReconciliation({ params: { source } }) {
      const night = await latestReconciliation(table, source);
      if (night?.comparison === undefined) {
        throw new DomainError(
          "not_found",
          `${source} was not compared yet: that is done each night at half past three.`,
        );
      }
      const { state, problem, startedAt, comparison } = night;
      return {
        status: 200,
        body: {
          checkedAt: startedAt,
          state,
          ...(problem !== undefined && { problem }),
          imported: comparison.found,
          differs: differs(comparison),
          days: daysOf(comparison),
        },
      };
    },

    async changeImport({ params: { source, importId }, body: { state, withoutFaulty = false } }) {
      const before = await requireImport(source, importId);
      const next = state === "cancelled" ? cancelled(before, now()) : await started(before, withoutFaulty);
      if (next === undefined) return { status: 200, body: importViewOf(before) };
      if ((await putImport(table, next)) === "written") return { status: 200, body: importViewOf(next) };
      throw new DomainError("version_conflict", "The import went on meanwhile. Send it again.");
    },
  };
}

function alreadyRunning(source: string, importId: string): DomainError {
  return new DomainError(
    "already_exists",
    `The import ${importId} of ${source} is running. Wait for it, or cancel it.`,
  );
}
