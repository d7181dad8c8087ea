import * as z from "zod";

const record = z.object({
  time: z.string(),
  source: z.string(),
  kind: z.string(),
  level: z.string(),
  message: z.string(),
  requestId: z.optional(z.string()),
  data: z.optional(z.record(z.string(), z.unknown())),
});
export type LoggedLine = z.infer<typeof record>;

/** A line of the log file; undefined for one that was cut off. */
export function parseLogLine(line: string): LoggedLine | undefined {
  try {
    return record.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

export interface LogFilter {
  /** Part of the function's (or other source's) name. */
  readonly function?: string;
  /** Milliseconds since the epoch. */
  readonly since?: number;
}

export function passes(line: LoggedLine, filter: LogFilter): boolean {
  if (filter.function !== undefined && !line.source.includes(filter.function)) return false;
  return filter.since === undefined || Date.parse(line.time) >= filter.since;
}

/** Fields that every line repeats, or that stand in the line already. */
const known = new Set([
  ...["level", "message", "timestamp", "service", "xray_trace_id", "sampling_rate", "cold_start", "function_arn"],
  ...["function_memory_size", "function_name", "function_request_id"],
]);

/** `07:19:41.120 INFO  notes  message key=value`, for people. */
export function renderLogLine({ time, kind, source, level, message, data = {} }: LoggedLine): string {
  const fields = Object.entries(data)
    .filter(([name]) => kind === "function" && !known.has(name))
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  return [time.slice(11, 23), level.toUpperCase().padEnd(5), source, message, ...fields].join("  ").trimEnd();
}
