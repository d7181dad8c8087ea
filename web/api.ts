import type { input, output } from "zod/mini";
import type { $ZodType } from "zod/v4/core";
import type { staffRoutes } from "../shared/http/routes/staff.ts";
import type { Session } from "./sign-in/session.ts";

type Routes = Extract<(typeof staffRoutes)[number], { readonly method: "GET" }>;
type Changes = Extract<(typeof staffRoutes)[number], { readonly method: "PUT" | "POST"; readonly body: $ZodType }>;
type Answered<Path> = Extract<Routes, { readonly path: Path }>["responses"] extends {
  readonly 200: { readonly schema: infer Schema extends $ZodType };
}
  ? output<Schema>
  : never;

/** What a GET of a declared route answers, by the route's own schema. */
export type Answer<Path extends Routes["path"]> = Answered<Path>;

/** What a change of a declared route takes, by the route's own schema. */
export type Sent<Path extends Changes["path"], Method extends Changes["method"]> = input<
  Extract<Changes, { readonly path: Path; readonly method: Method }>["body"]
>;

/** The staff API, as whoever is signed in may read it. */
export interface Api {
  /** @throws ApiError for anything but a 200. */
  get<Path extends Routes["path"]>(
    path: Path,
    params?: Readonly<Record<string, string>>,
    query?: Readonly<Record<string, string>>,
  ): Promise<Answer<Path>>;
  /**
   * Changes something.
   *
   * @param about `version` is the one that the change was made from; `key` makes a repeated POST one
   * @throws ApiError for anything but a success.
   */
  send<Method extends Changes["method"], Path extends Extract<Changes, { readonly method: Method }>["path"]>(
    method: Method,
    path: Path,
    params: Readonly<Record<string, string>>,
    body: Sent<Path, Method>,
    about: { readonly version?: number; readonly key?: string },
  ): Promise<void>;
}

/** What somebody has asked the page to do; it is read again afterwards. */
export type Act = (work: (api: Api) => Promise<void>) => void;

/** Why there is no answer: the problem document's words, or our own where the gateway or the network says no. */
export class ApiError extends Error {
  readonly status: number;
  readonly title: string;
  readonly correlationId: string | undefined;

  constructor(status: number, title: string, detail: string, correlationId?: string) {
    super(detail);
    this.status = status;
    this.title = title;
    this.correlationId = correlationId;
  }
}

export function createApi(base: string, session: Session, fetch: typeof globalThis.fetch): Api {
  async function callOnce(url: string, init: RequestInit): Promise<Response> {
    const token = await session.token();
    if (token === undefined) throw signedOut();
    try {
      const headers = { ...init.headers, authorization: `Bearer ${token}` };
      return await fetch(url, { ...init, headers, cache: "no-store" });
    } catch {
      throw new ApiError(0, "No connection", "Rapport cannot be reached. Look at your connection and try again.");
    }
  }

  async function call(url: string, init: RequestInit = {}): Promise<Response> {
    const first = await callOnce(url, init);
    // A token may have been taken back before its time; a new one tells.
    const response = first.status === 401 && (await session.renew()) ? await callOnce(url, init) : first;
    if (response.ok) return response;
    throw await errorOf(response);
  }

  const urlOf = (path: string, params: Readonly<Record<string, string>>) =>
    `${base}${path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ""))}`;

  return {
    async get(path, params = {}, query = {}) {
      const search = new URLSearchParams(query).toString();
      return (await call(`${urlOf(path, params)}${search === "" ? "" : `?${search}`}`)).json();
    },

    async send(method, path, params, body, { version, key }) {
      const headers = {
        "content-type": "application/json",
        ...(version !== undefined && { "if-match": `"${version}"` }),
        ...(key !== undefined && { "idempotency-key": key }),
      };
      await call(urlOf(path, params), { method, headers, body: JSON.stringify(body) });
    },
  };
}

function signedOut(): ApiError {
  return new ApiError(401, "You are signed out", "Sign in again; you come back to this page.");
}

async function errorOf(response: Response): Promise<ApiError> {
  const { status, headers } = response;
  if (status === 401) return signedOut();
  const problem = await response.json().catch(() => ({}));
  const correlationId = problem.correlationId ?? headers.get("x-correlation-id") ?? headers.get("apigw-requestid");
  const { title, detail } = status === 403 ? forbidden(problem.detail) : { ...ownWords(status), ...problem };
  return new ApiError(status, title, detail, correlationId ?? undefined);
}

function forbidden(detail = "This needs another role.") {
  return {
    title: "You may not see this",
    detail: `${detail} Ask an administrator for the role, then sign out and in again.`,
  };
}

function ownWords(status: number) {
  if (status === 429) return { title: "Too many requests", detail: "Wait a moment and try again." };
  if (status >= 500) return { title: "Something went wrong on our side", detail: "Nothing is lost. Try again." };
  return { title: "This did not work", detail: `The answer was ${status}.` };
}
