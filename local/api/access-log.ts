import type { LogRecord } from "../functions/logs.ts";

/** One request, as the stage's access log tells it. */
export interface AccessRecord {
  readonly api: string;
  readonly requestId: string;
  readonly sourceIp: string;
  readonly method: string;
  readonly path: string;
  /** The route's key; `-` where none matched or the gateway answered before it looked. */
  readonly route: string;
  readonly status: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** What HTTP APIs are billed by: the larger of both bodies. */
  readonly bytes: number;
  readonly durationMs: number;
  /** What went wrong in the function or the authorizer. */
  readonly error?: string;
}

/** The record of the merged log. It carries the path without its query, which may hold personal data. */
export function accessLine(access: AccessRecord, now: number): LogRecord {
  const { api, requestId, method, path, status, durationMs, error } = access;
  return {
    time: new Date(now).toISOString(),
    source: api,
    kind: "access",
    level: status >= 500 ? "ERROR" : "INFO",
    message: `${method} ${path} ${status} ${Math.round(durationMs)} ms${error === undefined ? "" : ` (${error})`}`,
    requestId,
    data: { ...access },
  };
}
