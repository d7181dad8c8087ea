import { DomainError } from "../errors.ts";
import type { Handlers } from "../http/router.ts";
import type { importFileRoutes } from "../http/routes/imports.ts";
import type { Table } from "../table/client.ts";
import { orderFormats } from "./csv-formats.ts";
import { readOrderFile } from "./csv-orders.ts";
import { begun, type Import } from "./import.ts";
import { fileOf, filePartViewOf, largestPart, partOf } from "./import-file.ts";
import { putPart, readParts } from "./import-file-store.ts";
import { getImport } from "./import-store.ts";
import { getSource } from "./source-store.ts";

export interface ImportFileDependencies {
  readonly table: Table;
  readonly now: () => Date;
  /** The account's, for times that name no zone. */
  readonly timeZone: string;
  /** Orders that are worked off at a time. */
  readonly pageOrders?: number;
}

/** The staff API's handlers of files that are imported. */
export function importFileHandlers(deps: ImportFileDependencies): Handlers<typeof importFileRoutes> {
  const { table, now, timeZone, pageOrders } = deps;
  return {
    async putImportPart({ params: { source, importId, part }, query, rawBody, headers }) {
      requireCsv(headers["content-type"], rawBody);
      const draft = await getImport(table, source, importId);
      if (draft !== undefined && draft.state !== "draft") throw begunAlready(importId, draft.state);
      const shop = await getSource(table, source);
      const connector = shop?.connector === "stripe" ? undefined : shop?.connector;
      const format = query.format ?? connector ?? "generic";
      const read = readOrderFile(rawBody, {
        source,
        format: orderFormats[format],
        timeZone: query.timeZone ?? timeZone,
        currency: query.currency,
        firstRow: query.firstRow,
        now: now(),
      });
      const told = partOf({ source, importId, part, format }, rawBody, read);
      const kept = await putPart(table, draft, told, read.orders, { now: now(), pageOrders });
      if (kept === "changed meanwhile") {
        throw new DomainError(
          "version_conflict",
          "Another part of the file came at the same time. Send this one again.",
        );
      }
      return { status: 200, body: filePartViewOf(kept) };
    },
  };
}

/**
 * A file's import as it begins.
 *
 * @param withoutFaulty imports the others, where some orders have faults
 * @throws DomainError invalid_input when something is wrong with the file: nothing of it is imported then
 */
export async function beginFile(table: Table, draft: Import, withoutFaulty: boolean, now: Date): Promise<Import> {
  const parts = await readParts(table, draft);
  const missing = parts.findIndex(({ part }, at) => part !== at + 1);
  if (missing !== -1) throw refusal(`part ${missing + 1} of the file is missing. Send it`);
  const { orders, pages, faulty, faults } = fileOf(parts);
  if (faulty > 0 && !withoutFaulty) {
    const [first] = faults;
    const where = first && `part ${first.part}, row ${first.row}${first.column ? `, ${first.column}` : ""}`;
    const advice = "Mend the file and send the part again, or begin with `withoutFaulty`";
    throw refusal(`${faulty} orders have faults. First: ${where}: ${first?.message}. ${advice}`, faults);
  }
  if (orders === 0) throw refusal("the file has no order that could be imported");
  return begun(draft, { parts: parts.length, pages, orders }, now);
}

function refusal(detail: string, faults: ReturnType<typeof fileOf>["faults"] = []): DomainError {
  return new DomainError("invalid_input", `Nothing was imported: ${detail}.`, {
    errors: faults.map(({ part, row, column, message }) => ({
      pointer: `/parts/${part}/rows/${row}${column === undefined ? "" : `/${column}`}`,
      message,
      code: "invalid",
    })),
  });
}

function requireCsv(type = "", rawBody: Buffer): void {
  if (!/^text\/csv\s*(;|$)/i.test(type)) {
    throw new DomainError("unsupported_media_type", `Send the file as text/csv; it came as "${type}".`);
  }
  if (rawBody.length <= largestPart) return;
  throw new DomainError(
    "payload_too_large",
    `The part has ${rawBody.length} bytes; at most ${largestPart} are taken. Send the file in several parts, each with the column names.`,
  );
}

function begunAlready(importId: string, state: string): DomainError {
  return new DomainError("already_exists", `The import ${importId} is ${state}. Send the file under another id.`);
}
