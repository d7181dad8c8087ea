import type { RouteModel } from "../assembly/model.ts";

export interface RouteMatch {
  readonly route: RouteModel;
  readonly pathParameters: Readonly<Record<string, string>>;
}

export type RouteTable = (method: string, path: string) => RouteMatch | undefined;

interface CompiledRoute {
  readonly route: RouteModel;
  readonly method: string;
  readonly segments: readonly Segment[];
}

type Segment = { readonly kind: "literal" | "parameter" | "greedy"; readonly text: string };

const RANK = { literal: 0, parameter: 1, greedy: 2 } as const;

/**
 * Finds the route of a request as HTTP APIs do: among the routes whose path and method fit, the most specific path wins
 * (literal before `{parameter}` before `{greedy+}`, from the left), then the named method before ANY; then `$default`.
 */
export function compileRoutes(routes: readonly RouteModel[]): RouteTable {
  const fallback = routes.find((route) => route.routeKey === "$default");
  const compiled = routes
    .filter((route) => route !== fallback)
    .map(compile)
    .sort(bySpecificity);
  return (method, path) => {
    const parts = path.split("/").slice(1);
    for (const { route, method: wanted, segments } of compiled) {
      if (wanted !== method && wanted !== "ANY") continue;
      const pathParameters = matchSegments(segments, parts);
      if (pathParameters !== undefined) return { route, pathParameters };
    }
    return fallback && { route: fallback, pathParameters: {} };
  };
}

/** A path as the caller wrote it, percent signs resolved; what is not valid UTF-8 stays as it is. */
export function decodePart(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function compile(route: RouteModel): CompiledRoute {
  const [method = "", path = ""] = route.routeKey.split(" ");
  return { route, method, segments: path.split("/").slice(1).map(compileSegment) };
}

function compileSegment(text: string): Segment {
  const name = /^\{(.+?)(\+?)\}$/.exec(text);
  if (name?.[1] === undefined) return { kind: "literal", text: decodePart(text) };
  return { kind: name[2] === "+" ? "greedy" : "parameter", text: name[1] };
}

function bySpecificity(a: CompiledRoute, b: CompiledRoute): number {
  for (let at = 0; at < Math.max(a.segments.length, b.segments.length); at += 1) {
    const difference = rank(a.segments[at]) - rank(b.segments[at]);
    if (difference !== 0) return difference;
  }
  return Number(a.method === "ANY") - Number(b.method === "ANY");
}

const rank = (segment: Segment | undefined): number => (segment === undefined ? RANK.parameter : RANK[segment.kind]);

function matchSegments(segments: readonly Segment[], parts: readonly string[]): Record<string, string> | undefined {
  const found: Record<string, string> = {};
  for (const [at, segment] of segments.entries()) {
    if (segment.kind === "greedy") {
      const rest = parts.slice(at).map(decodePart).join("/");
      return rest === "" ? undefined : { ...found, [segment.text]: rest };
    }
    const part = decodePart(parts[at] ?? "");
    if (segment.kind === "literal" ? part !== segment.text : part === "") return undefined;
    if (segment.kind === "parameter") found[segment.text] = part;
  }
  return parts.length === segments.length ? found : undefined;
}
