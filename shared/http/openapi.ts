import { type $ZodType, toJSONSchema } from "zod/v4/core";
import type { ResponseDeclaration, RouteDeclaration } from "./route.ts";
import { routes } from "./routes.ts";

type Json = Readonly<Record<string, unknown>>;

export interface OpenApiDocument extends Json {
  readonly paths: Readonly<Record<string, Json>>;
}

const problem = {
  type: "object",
  description: "RFC 9457 problem details",
  required: ["type", "title", "status", "detail", "instance", "code", "correlationId"],
  properties: {
    type: { type: "string" },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string" },
    instance: { type: "string" },
    code: { type: "string", description: "Stable; meant for programs" },
    correlationId: { type: "string", description: "Names the request in our log" },
    errors: {
      type: "array",
      items: {
        type: "object",
        required: ["pointer", "message", "code"],
        properties: { pointer: { type: "string" }, message: { type: "string" }, code: { type: "string" } },
      },
    },
  },
};

const securitySchemes = {
  jwt: { type: "http", scheme: "bearer", bearerFormat: "JWT", description: "Access token of the sign-in service" },
  apiKey: { type: "http", scheme: "basic", description: "API key as the user name, an empty password" },
};

/** The OpenAPI 3.1 document of both APIs, made from the declared routes. */
export function openApiDocument(declared: readonly RouteDeclaration[] = routes): OpenApiDocument {
  const paths: Record<string, Record<string, unknown>> = {};
  const schemas: Record<string, unknown> = { Problem: problem };
  for (const route of declared) {
    const operation = hoistDefinitions(operationOf(route), route.operationId, schemas);
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Rapport",
      version: "1",
      description:
        "Public routes take leads and events; staff routes need an access token. What the gateway itself refuses " +
        '(401, 403, 413, 429, 503) has the body {"message": "…"} instead of a problem document.',
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    tags: [...new Set(declared.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: { schemas, securitySchemes },
  };
}

function operationOf(route: RouteDeclaration): Json {
  const parameters = [
    ...parametersOf(route.params, "path"),
    ...parametersOf(route.query, "query"),
    ...parametersOf(route.headers, "header"),
  ];
  return {
    operationId: route.operationId,
    tags: [route.tag],
    summary: route.summary,
    ...(describe(route) !== "" && { description: describe(route) }),
    security: route.security === "jwt" || route.security === "apiKey" ? [{ [route.security]: [] }] : [],
    ...(parameters.length > 0 && { parameters }),
    ...bodyOf(route),
    responses: {
      ...Object.fromEntries(
        Object.entries(route.responses).map(([status, response]) => [status, responseOf(response)]),
      ),
      default: {
        description: "The request was refused, or failed.",
        content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
      },
    },
  };
}

function describe({ description, roles, scopes }: RouteDeclaration): string {
  const access = [
    ...(scopes.length > 0 ? [`Scope: ${scopes.join(" or ")}.`] : []),
    ...(roles.length > 0 ? [`Roles: ${roles.join(", ")}.`] : []),
  ];
  return [...(description === undefined ? [] : [description]), ...access].join(" ");
}

function bodyOf({ body, mediaTypes }: RouteDeclaration): Json {
  if (body === undefined && mediaTypes === undefined) return {};
  const schema = body === undefined ? { type: "object" } : schemaOf(body, "input");
  const content = Object.fromEntries((mediaTypes ?? ["application/json"]).map((type) => [type, { schema }]));
  return { requestBody: { required: true, content } };
}

function responseOf({ description, schema, mediaType }: ResponseDeclaration): Json {
  const content = {
    ...(schema !== undefined && { "application/json": { schema: schemaOf(schema, "output") } }),
    ...(mediaType !== undefined && { [mediaType]: { schema: { type: "string" } } }),
  };
  return Object.keys(content).length === 0 ? { description } : { description, content };
}

function parametersOf(schema: $ZodType | undefined, place: "path" | "query" | "header"): readonly Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(schema, "input");
  return Object.entries(properties).map(([name, of]) => ({
    name,
    in: place,
    required: place === "path" || required.includes(name),
    schema: of,
  }));
}

function schemaOf(schema: $ZodType, io: "input" | "output") {
  // what a schema only transforms or refines has no JSON Schema: it is shown as what it accepts
  const { $schema: _, ...rest } = toJSONSchema(schema, { io, unrepresentable: "any" });
  return rest;
}

/**
 * Schemas that contain themselves come with definitions of their own, which only a whole document can hold: they move to
 * its components, under the operation's name.
 */
function hoistDefinitions(value: unknown, operationId: string, schemas: Record<string, unknown>): unknown {
  if (Array.isArray(value)) return value.map((member) => hoistDefinitions(member, operationId, schemas));
  if (typeof value !== "object" || value === null) return value;
  const { $defs, ...rest } = { $defs: undefined, ...value };
  for (const [name, definition] of Object.entries($defs ?? {})) {
    schemas[componentOf(operationId, name)] = hoistDefinitions(definition, operationId, schemas);
  }
  return Object.fromEntries(
    Object.entries(rest).map(([name, member]) => {
      const reference =
        name === "$ref" && typeof member === "string" ? /^#\/\$defs\/(.+)$/.exec(member)?.[1] : undefined;
      if (reference !== undefined) return [name, `#/components/schemas/${componentOf(operationId, reference)}`];
      return [name, hoistDefinitions(member, operationId, schemas)];
    }),
  );
}

function componentOf(operationId: string, definition: string): string {
  return `${operationId}${definition.replaceAll(/\W|__schema/g, "_")}`;
}
