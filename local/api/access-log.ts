import type { LogRecord } from "../functions/logs.ts";
import { loggedBytes } from "../log-bytes.ts";

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
  /** What CloudWatch takes in for the stage's access log; 0 without one. */
  readonly logBytes: number;
  /** What went wrong in the function or the authorizer. */
  readonly error?: string;
}

/** The record of the merged log. A path may hold a token and a query an address: it says the route's path, and no query. */
export function accessLine(access: AccessRecord, now: number): LogRecord {
  const { api, requestId, method, status, durationMs, error } = access;
  const path = routePath(access);
  return {
    time: new Date(now).toISOString(),
    source: api,
    kind: "access",
    level: status >= 500 ? "ERROR" : "INFO",
    message: `${method} ${path} ${status} ${Math.round(durationMs)} ms${error === undefined ? "" : ` (${error})`}`,
    requestId,
    data: { ...access, path },
  };
}

/** The path as its route declares it; as it came where no route has one. */
function routePath({ route, path }: Pick<AccessRecord, "route" | "path">): string {
  return /^\S+ (\/.*)$/.exec(route)?.[1] ?? path;
}

/** The bytes of a request's access log line; a variable that the host does not know counts as API Gateway's `-`. */
export function accessLogBytes(format: string | undefined, access: Omit<AccessRecord, "logBytes">): number {
  if (format === undefined) return 0;
  const known: Readonly<Record<string, string | number>> = {
    requestId: access.requestId,
    requestTime: "23/Nov/2026:06:30:00 +0000",
    routeKey: access.route,
    status: access.status,
    responseLatency: Math.round(access.durationMs),
    responseLength: access.responseBytes,
    path: access.path,
    httpMethod: access.method,
    "identity.sourceIp": access.sourceIp,
  };
  const line = format.replace(/\$context\.([A-Za-z.]+)/g, (_, name: string) => String(known[name] ?? "-"));
  return loggedBytes(line);
}
