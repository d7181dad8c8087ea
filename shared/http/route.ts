import type { $ZodType } from "zod/v4/core";
import type { FunctionName } from "../runtime/environments.ts";

export type Role = "admin" | "manager" | "marketer" | "sales" | "support" | "partner";
export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS";

/** What a route answers with a status: a schema for JSON, a media type for anything else; of both, what the caller accepts. */
export interface ResponseDeclaration {
  readonly description: string;
  readonly schema?: $ZodType;
  readonly mediaType?: string;
}

/**
 * A route, declared once: the router, the CDK routes, the OpenAPI document and the typed client all come from it.
 */
export interface RouteDeclaration {
  readonly operationId: string;
  readonly method: Method;
  /** `/v1/contacts/{id}`; braces are path parameters. */
  readonly path: string;
  readonly api: "public" | "staff";
  readonly function: Extract<
    FunctionName,
    "intake" | "messages" | "webhooks" | "pages" | "staff" | "templates" | "digests" | "console" | "privacy"
  >;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** Scopes that the gateway asks for (staff routes); any one of them suffices. */
  readonly scopes: readonly string[];
  /** Roles that the router asks for (staff routes); empty admits every role. */
  readonly roles: readonly Role[];
  readonly security: "none" | "apiKey" | "token" | "jwt";
  readonly params?: $ZodType;
  readonly query?: $ZodType;
  readonly headers?: $ZodType;
  /** JSON body. A route with `mediaTypes` reads its raw body itself; the schema then only documents it. */
  readonly body?: $ZodType;
  readonly mediaTypes?: readonly string[];
  readonly responses: Readonly<Record<number, ResponseDeclaration>>;
}

/** Keeps the literal types of a list of routes, so that handlers are checked against it. */
export function defineRoutes<const Routes extends readonly RouteDeclaration[]>(routes: Routes): Routes {
  return routes;
}

/** The key under which API Gateway knows the route: `GET /v1/contacts/{id}`. */
export function routeKeyOf(route: Pick<RouteDeclaration, "method" | "path">): string {
  return `${route.method} ${route.path}`;
}
