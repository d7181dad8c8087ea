import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { host as address } from "../engines/ports.ts";
import type { Running } from "../host.ts";
import { mailRoutes } from "./mail-routes.ts";
import { observeRoutes } from "./observe-routes.ts";
import { ControlError, type ControlRoute } from "./route.ts";
import { timeRoutes } from "./time-routes.ts";

const prefix = "/_local";
export const routes: readonly ControlRoute[] = [...observeRoutes, ...timeRoutes, ...mailRoutes];

/** The endpoint that only the local host has: it shows and steers what runs. */
export async function startControl(host: Running, port: number): Promise<{ close(): Promise<void> }> {
  const server = createServer((request, response) => {
    answer(host, request)
      .catch(failure)
      .then((it) => send(response, it))
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, address, () => resolve());
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(host: Running, request: IncomingMessage): Promise<Response> {
  refuseStrangers(request);
  const url = new URL(request.url ?? "/", `http://${address}`);
  if (url.pathname === "/" || url.pathname === prefix || url.pathname === `${prefix}/`) return Response.json(help());
  const { route, parameters } = findRoute(request.method ?? "GET", url.pathname);
  const result = await route.handle({ host, parameters, query: url.searchParams, body: await readJson(request) });
  return result instanceof Response ? result : Response.json(result ?? null);
}

/** A web page must not reach this endpoint through the developer's browser, under whatever name. */
function refuseStrangers({ headers }: IncomingMessage): void {
  const isLocal = (name: string) => /^(localhost|127\.0\.0\.1|\[::1\])$/.test(name);
  const hostName = (headers.host ?? "").replace(/:\d+$/, "");
  const foreignOrigin = headers.origin !== undefined && !isLocal(URL.parse(headers.origin)?.hostname ?? "");
  if (!isLocal(hostName) || foreignOrigin) {
    throw new ControlError(403, "The control endpoint answers only this machine, by 127.0.0.1 or localhost.");
  }
}

function findRoute(method: string, path: string): { route: ControlRoute; parameters: Record<string, string> } {
  const matching = routes.flatMap((route) => {
    const parameters = match(`${prefix}${route.path}`, path);
    return parameters === undefined ? [] : [{ route, parameters }];
  });
  const found = matching.find(({ route }) => route.method === method);
  if (found) return found;
  if (matching.length === 0) throw new ControlError(404, `There is no ${path}; GET ${prefix}/ lists what there is.`);
  const methods = matching.map(({ route }) => route.method).join(", ");
  throw new ControlError(405, `${path} does not take ${method}, only ${methods}.`);
}

/** The values in the place of `{…}`; undefined when the path is another. */
export function match(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? "";
    const name = /^\{(.+)\}$/.exec(part)?.[1];
    if (name !== undefined) parameters[name] = decode(value);
    else if (part !== value) return undefined;
  }
  return parameters;
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw new ControlError(400, `The path part ${value} is not well-formed.`);
  }
}

function help() {
  const entries = routes.map(({ method, path, summary, example }) => ({
    request: `${method} ${prefix}${path}`,
    summary,
    ...(example === undefined ? {} : { body: example }),
  }));
  return { about: "Control endpoint of the local host; it exists only on this machine.", requests: entries };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  if (text.trim() === "") return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ControlError(400, `The body is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

function failure(error: unknown): Response {
  const status = error instanceof ControlError ? error.status : 500;
  return Response.json({ error: error instanceof Error ? error.message : String(error) }, { status });
}

async function send(response: ServerResponse, answered: Response): Promise<void> {
  const body = Buffer.from(await answered.arrayBuffer());
  response.writeHead(answered.status, { ...Object.fromEntries(answered.headers), "content-length": body.length });
  response.end(body);
}
