import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import type { $ZodType, output } from "zod/v4/core";
import { DomainError } from "../errors.ts";
import { claimList } from "./claims.ts";
import { faultProblem, type Problem, problemOf, problemTable } from "./problems.ts";
import type { Caller, Reply } from "./reply.ts";
import { parseJson, parsePart, type Request, rawBodyOf } from "./request.ts";
import { type RouteDeclaration, routeKeyOf } from "./route.ts";

type Parsed<Schema> = Schema extends $ZodType ? output<Schema> : undefined;
type PartOf<Route, Part extends string> = Route extends { readonly [key in Part]: infer Schema }
  ? Parsed<Schema>
  : undefined;
/** A route that reads its own raw body gets no parsed one. */
type BodyOf<Route> = Route extends { readonly mediaTypes: readonly string[] } ? undefined : PartOf<Route, "body">;

/** One handler for each route of a list, each typed by its own declaration. */
export type Handlers<Routes extends readonly RouteDeclaration[]> = {
  readonly [Route in Routes[number] as Route["operationId"]]: (
    request: Request<PartOf<Route, "params">, PartOf<Route, "query">, BodyOf<Route>>,
  ) => Promise<Reply>;
};

export interface RouterOptions<Routes extends readonly RouteDeclaration[]> {
  readonly routes: Routes;
  readonly handlers: Handlers<Routes>;
  /** Every route of the same API: tells a 405 from a 404 on what no route matched. */
  readonly siblings?: readonly Pick<RouteDeclaration, "method" | "path">[];
  /** What a browser is shown of an error, for APIs that people open too; without it every error is a problem document. */
  readonly errorPage?: (problem: Problem) => Reply;
  /** Hears of faults; what it hears never reaches the caller. */
  readonly onFault: (error: unknown, correlationId: string) => void;
}

/** Answers HTTP API events by the declared routes: parses, checks the role, calls the handler, words the errors. */
export function createRouter<const Routes extends readonly RouteDeclaration[]>(options: RouterOptions<Routes>) {
  const handlers: Readonly<Record<string, ((request: Request<never, never, never>) => Promise<Reply>) | undefined>> =
    options.handlers;
  const served = new Map(options.routes.map((route) => [routeKeyOf(route), route]));
  const siblings = options.siblings ?? options.routes;

  const answer = (event: APIGatewayProxyEventV2, problem: Problem, error?: DomainError) =>
    options.errorPage !== undefined && /text\/html/i.test(event.headers.accept ?? "")
      ? toResult(options.errorPage(problem), problem.correlationId)
      : problemResult(problem, error);

  return async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
    const correlationId = event.requestContext.requestId;
    const occasion = { instance: event.rawPath, correlationId };
    try {
      const route = served.get(event.routeKey);
      if (route === undefined) throw unmatched(event, siblings);
      const handler = handlers[route.operationId];
      if (handler === undefined) throw new Error(`no handler for ${route.operationId}`);
      const request = parseRequest(event, route);
      return toResult(await handler(request as Request<never, never, never>), correlationId);
    } catch (error) {
      if (error instanceof DomainError) return answer(event, problemOf(error, occasion), error);
      options.onFault(error, correlationId);
      return answer(event, faultProblem(occasion));
    }
  };
}

function parseRequest(event: APIGatewayProxyEventV2, route: RouteDeclaration): Request {
  const caller = callerOf(event);
  if (route.security === "jwt") requireRole(caller, route);
  const rawBody = rawBodyOf(event);
  return {
    params: route.params && parsePart(route.params, event.pathParameters ?? {}, "/path"),
    query: route.query && parsePart(route.query, event.queryStringParameters ?? {}, "/query"),
    body: route.body && !route.mediaTypes ? parseJsonBody(event, rawBody, route.body) : undefined,
    headers: event.headers,
    rawBody,
    sourceIp: event.requestContext.http.sourceIp,
    correlationId: event.requestContext.requestId,
    caller,
  };
}

function parseJsonBody(event: APIGatewayProxyEventV2, rawBody: Buffer, schema: $ZodType): unknown {
  const type = event.headers["content-type"] ?? "";
  if (!/^application\/(.+\+)?json\s*(;|$)/i.test(type)) {
    throw new DomainError("unsupported_media_type", `Send the body as application/json; it came as "${type}".`);
  }
  return parsePart(schema, parseJson(rawBody), "");
}

function callerOf(event: APIGatewayProxyEventV2): Caller | undefined {
  if (!("authorizer" in event.requestContext)) return undefined;
  const { authorizer } = event.requestContext as { authorizer?: { jwt?: { claims?: Record<string, unknown> } } };
  const claims = authorizer?.jwt?.claims;
  if (claims === undefined) return undefined;
  return {
    subject: String(claims.sub ?? ""),
    username: String(claims.username ?? claims.sub ?? ""),
    roles: claimList(claims["cognito:groups"] ?? claims.roles),
    scopes: claimList(claims.scope),
  };
}

function requireRole(caller: Caller | undefined, route: RouteDeclaration): void {
  if (caller === undefined) throw new DomainError("unauthorized", "Send an access token as `Authorization: Bearer …`.");
  if (route.roles.length === 0 || route.roles.some((role) => caller.roles.includes(role))) return;
  throw new DomainError("forbidden", `This needs one of the roles ${route.roles.join(", ")}.`);
}

function unmatched(
  event: APIGatewayProxyEventV2,
  siblings: readonly Pick<RouteDeclaration, "method" | "path">[],
): DomainError {
  const path = event.rawPath;
  const methods = siblings.filter((route) => patternOf(route.path).test(path)).map((route) => route.method);
  if (methods.length === 0) return new DomainError("not_found", `There is nothing at ${path}.`);
  return new DomainError("method_not_allowed", `${path} answers ${[...new Set(methods)].sort().join(", ")}.`);
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/[.*+?^$()|[\]\\]/g, "\\$&").replaceAll(/\{[^}]+\}/g, "[^/]+")}$`);
}

function toResult(reply: Reply, correlationId: string): APIGatewayProxyStructuredResultV2 {
  const [type, body] = contentOf(reply);
  return {
    statusCode: reply.status,
    headers: {
      ...(type !== undefined && { "content-type": type }),
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "x-correlation-id": correlationId,
      ...reply.headers,
    },
    ...(body !== undefined && { body }),
  };
}

function contentOf(reply: Reply): readonly [string | undefined, string | undefined] {
  if (reply.html !== undefined) return ["text/html; charset=utf-8", reply.html];
  if (reply.csv !== undefined) return ["text/csv; charset=utf-8", reply.csv];
  if (reply.text !== undefined) return ["text/plain; charset=utf-8", reply.text];
  if (reply.body !== undefined) return ["application/json", JSON.stringify(reply.body)];
  return [undefined, undefined];
}

function problemResult(problem: Problem, error?: DomainError): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode: problem.status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      "x-correlation-id": problem.correlationId,
      ...(error?.retryAfterSeconds !== undefined && { "retry-after": String(error.retryAfterSeconds) }),
    },
    body: JSON.stringify(problem),
  };
}

/** Statuses that any route may answer with a problem document, for the OpenAPI document. */
export const problemStatuses: readonly number[] = [...new Set(Object.values(problemTable).map(({ status }) => status))];
