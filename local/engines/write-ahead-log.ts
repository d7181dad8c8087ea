import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Worker } from "node:worker_threads";

/** Where DynamoDB Local keeps its tables: a file of SQLite. */
export function databaseIn(dataDirectory: string): string {
  return join(dataDirectory, "shared-local-instance.db");
}

/**
 * Has SQLite write ahead, which the file remembers: a write waits once for the disk, not three times, and is as safe. A
 * log that was left is brought into the file. Small pages keep the log small: a write touches five.
 */
export function writeAhead(dataDirectory: string): void {
  const database = new DatabaseSync(databaseIn(dataDirectory));
  database.exec("PRAGMA page_size = 1024; PRAGMA journal_mode = WAL");
  database.close();
}

/**
 * Brings the log into the file twice a second, in a thread of its own, after which it begins anew. The engine cannot: some
 * statement of it is always open. It is never made to wait, so the log of a busy minute may grow to some hundred MB.
 */
export function keepLogShort(dataDirectory: string): { close(): Promise<void> } {
  const worker = new Worker(new URL("checkpoints.ts", import.meta.url), { workerData: databaseIn(dataDirectory) });
  worker.on("error", (error) => {
    console.error(`The tables' log grows until the next start, since it could not be cut: ${error}`);
  });
  worker.unref();
  return { close: async () => void (await worker.terminate()) };
}
