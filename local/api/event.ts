import { decodePart, type RouteMatch } from "./routes.ts";

/** Names in lower case; a header that was sent several times is joined by commas. */
export type HeaderMap = Readonly<Record<string, string | undefined>>;

/** A request as the gateway received it, its body read. */
export interface ApiRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly target: string;
  readonly protocol: string;
  readonly headers: HeaderMap;
  readonly body: Buffer;
  readonly sourceIp: string;
  readonly requestId: string;
}

export interface EventContext {
  readonly apiId: string;
  readonly accountId: string;
  readonly now: number;
  readonly jwt?:
    | { readonly claims: Readonly<Record<string, string>>; readonly scopes: readonly string[] | null }
    | undefined;
}

/** A content type whose body passes as text; any other, form posts and problem+json too, is handed over in base64. */
const TEXT = /^(text\/|application\/(json|xml|javascript)\s*(;|$))/i;

/** The event of payload format 2.0. */
export function buildEvent(request: ApiRequest, match: RouteMatch, context: EventContext): Record<string, unknown> {
  const { path, query } = splitTarget(request.target);
  const rawPath = path.split("/").map(decodePart).join("/");
  const { cookie, ...headers } = request.headers;
  const { routeKey } = match.route;
  return {
    version: "2.0",
    routeKey,
    rawPath,
    rawQueryString: query,
    ...present(
      "cookies",
      cookie?.split("; ").filter((one) => one !== ""),
    ),
    headers,
    ...present("queryStringParameters", joinQuery(query)),
    requestContext: requestContext(request, rawPath, routeKey, context),
    ...present("pathParameters", match.pathParameters),
    ...bodyOf(request),
  };
}

export function splitTarget(target: string): { readonly path: string; readonly query: string } {
  const at = target.indexOf("?");
  return at < 0 ? { path: target, query: "" } : { path: target.slice(0, at), query: target.slice(at + 1) };
}

function requestContext(request: ApiRequest, path: string, routeKey: string, context: EventContext) {
  const domainName = request.headers.host ?? "localhost";
  return {
    accountId: context.accountId,
    apiId: context.apiId,
    ...(context.jwt === undefined ? {} : { authorizer: { jwt: context.jwt } }),
    domainName,
    domainPrefix: domainName.split(".")[0] ?? domainName,
    http: {
      method: request.method,
      path,
      protocol: request.protocol,
      sourceIp: request.sourceIp,
      userAgent: request.headers["user-agent"] ?? "",
    },
    requestId: request.requestId,
    routeKey,
    stage: "$default",
    time: logTime(context.now),
    timeEpoch: context.now,
  };
}

/** `22/Nov/2026:06:30:00 +0000` */
export function logTime(now: number): string {
  const [, day, month, year, time] = new Date(now).toUTCString().split(" ");
  return `${day}/${month}/${year}:${time} +0000`;
}

function joinQuery(query: string): Record<string, string> {
  const joined = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    const before = joined.get(name);
    joined.set(name, before === undefined ? value : `${before},${value}`);
  }
  return Object.fromEntries(joined);
}

function bodyOf({ body, headers }: ApiRequest): { body?: string; isBase64Encoded: boolean } {
  if (body.length === 0) return { isBase64Encoded: false };
  const isText = TEXT.test(headers["content-type"] ?? "");
  return { body: body.toString(isText ? "utf8" : "base64"), isBase64Encoded: !isText };
}

/** Parts that a request does not have are left out of the event. */
function present(name: string, value: object | undefined): Record<string, unknown> {
  return value === undefined || Object.keys(value).length === 0 ? {} : { [name]: value };
}
