import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { LogRecord } from "./logs.ts";

/** Calls back for every line that a process writes; a last line without an end counts too. */
export function readLines(stream: Readable, onLine: (line: string) => void): void {
  createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on("line", onLine);
}

/** A JSON line (Powertools, the patched console) keeps its own level, message and time; any other line is wrapped. */
export function parseLine(
  line: string,
  origin: {
    readonly source: string;
    readonly time: string;
    readonly requestId?: string | undefined;
    readonly stream: "stdout" | "stderr";
  },
): LogRecord {
  const data = parseObject(line);
  const text = (key: string) => (typeof data?.[key] === "string" ? data[key] : undefined);
  const requestId = text("function_request_id") ?? text("requestId") ?? origin.requestId;
  return {
    time: text("timestamp") ?? origin.time,
    source: origin.source,
    kind: "function",
    level: text("level") ?? (origin.stream === "stderr" ? "ERROR" : "INFO"),
    message: messageOf(data, line),
    ...(requestId === undefined ? {} : { requestId }),
    ...(data === undefined ? {} : { data }),
  };
}

function parseObject(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Embedded metrics and objects carry no text of their own: they show as they were written. */
function messageOf(data: Readonly<Record<string, unknown>> | undefined, line: string): string {
  return typeof data?.message === "string" ? data.message : line;
}
