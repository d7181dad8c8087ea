import type { CorsModel } from "../assembly/model.ts";
import type { ApiAnswer } from "./answer.ts";

type Headers = Readonly<Record<string, string>>;

const ALL_METHODS = "DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT";

export interface Cors {
  isPreflight(
    method: string,
    headers: { origin?: string | undefined; "access-control-request-method"?: string | undefined },
  ): boolean;
  preflight(origin: string): ApiAnswer;
  /** An API's CORS settings replace whatever CORS headers the function sent. */
  apply(answer: ApiAnswer, origin: string | undefined): ApiAnswer;
}

/** CORS as an HTTP API answers it. Without settings, nothing is preflight and answers stay as they are. */
export function createCors(cors: CorsModel | undefined): Cors {
  if (cors === undefined) return { isPreflight: () => false, preflight: () => NO_CONTENT, apply: (answer) => answer };
  return {
    isPreflight: (method, headers) =>
      method === "OPTIONS" && headers.origin !== undefined && headers["access-control-request-method"] !== undefined,
    preflight: (origin) => ({ ...NO_CONTENT, headers: { ...originHeaders(cors, origin, preflightHeaders(cors)) } }),
    apply: (answer, origin) => ({
      ...answer,
      headers: {
        ...Object.fromEntries(Object.entries(answer.headers).filter(([name]) => !name.startsWith("access-control-"))),
        ...(origin === undefined ? {} : originHeaders(cors, origin, exposedHeaders(cors))),
      },
    }),
  };
}

const NO_CONTENT: ApiAnswer = { status: 204, headers: {}, body: "" };

/** An origin that is not allowed gets no CORS header at all. */
function originHeaders(cors: CorsModel, origin: string, others: Headers): Headers {
  if (!cors.allowOrigins.some((allowed) => matches(allowed, origin))) return {};
  return {
    "access-control-allow-origin": cors.allowOrigins.includes("*") ? "*" : origin,
    ...(cors.allowCredentials ? { "access-control-allow-credentials": "true" } : {}),
    ...others,
  };
}

/** `*`, `https://*`, `http://*` or an exact origin: HTTP APIs know no other wildcard. */
function matches(allowed: string, origin: string): boolean {
  return allowed.endsWith("*") ? origin.startsWith(allowed.slice(0, -1)) : allowed === origin;
}

function preflightHeaders(cors: CorsModel): Headers {
  return {
    ...list("access-control-allow-methods", cors.allowMethods.includes("*") ? [ALL_METHODS] : cors.allowMethods),
    ...list("access-control-allow-headers", cors.allowHeaders),
    ...(cors.maxAgeSeconds === undefined ? {} : { "access-control-max-age": String(cors.maxAgeSeconds) }),
  };
}

const exposedHeaders = (cors: CorsModel): Headers => list("access-control-expose-headers", cors.exposeHeaders);

const list = (name: string, values: readonly string[]): Headers =>
  values.length === 0 ? {} : { [name]: values.join(",") };
