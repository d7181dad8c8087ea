import { createWriteStream, existsSync, mkdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";

export interface LogRecord {
  /** ISO 8601, on the host's clock. */
  readonly time: string;
  /** Name of the function, the API or the part of the host that wrote it. */
  readonly source: string;
  readonly kind: "function" | "platform" | "access" | "host";
  readonly level: string;
  readonly message: string;
  readonly requestId?: string;
  /** The whole line where it was a JSON object. */
  readonly data?: Readonly<Record<string, unknown>>;
}

export interface LogQuery {
  /** Name of a function (or other source). */
  readonly function?: string;
  readonly limit?: number;
}

/** All logs of the host in the order in which they came: the newest in memory, all of them in one JSON lines file. */
export interface LogStream {
  append(record: LogRecord): void;
  subscribe(listener: (record: LogRecord) => void): () => void;
  /** The newest records, oldest of them first. */
  tail(query?: LogQuery): readonly LogRecord[];
  close(): Promise<void>;
}

const KEPT_IN_MEMORY = 5_000;
const ROTATE_AT_BYTES = 50 * 1024 * 1024;

export const LOG_FILE = "host.jsonl";

export function createLogStream(directory?: string): LogStream {
  const file = directory === undefined ? undefined : openFile(directory);
  const listeners = new Set<(record: LogRecord) => void>();
  let ring: LogRecord[] = [];
  return {
    append: (record) => {
      ring.push(record);
      if (ring.length >= KEPT_IN_MEMORY * 2) ring = ring.slice(-KEPT_IN_MEMORY);
      file?.write(`${JSON.stringify(record)}\n`);
      for (const listener of listeners) listener(record);
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tail: (query = {}) =>
      ring
        .filter((record) => query.function === undefined || record.source === query.function)
        .slice(-Math.min(query.limit ?? KEPT_IN_MEMORY, KEPT_IN_MEMORY)),
    close: () => new Promise((resolve) => (file === undefined ? resolve() : file.end(resolve))),
  };
}

/** One older file is kept, so that logs never fill a disk. */
function openFile(directory: string) {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, LOG_FILE);
  if (existsSync(path) && statSync(path).size > ROTATE_AT_BYTES) renameSync(path, `${path}.1`);
  return createWriteStream(path, { flags: "a" });
}
