import { type ApiKey, apiKeyIdOf, secretOf } from "../access/api-key.ts";
import { DomainError } from "../errors.ts";
import { browserSnippet } from "../events/browser-snippet.ts";
import { problemReply } from "../http/problem-reply.ts";
import { faultProblem, problemOf } from "../http/problems.ts";
import type { Reply } from "../http/reply.ts";
import { parseJson, parsePart, type Request } from "../http/request.ts";
import type { Handlers } from "../http/router.ts";
import type { eventRoutes } from "../http/routes/events.ts";
import { forEachConcurrently } from "../stream/concurrency.ts";
import type { Table } from "../table/client.ts";
import { batchSchema, largestBatch, mostEvents, mostFromBrowser, writeKeySchema } from "./batch.ts";
import { refusal } from "./call.ts";
import { type CallType, callTypes } from "./envelope.ts";
import { countRequest } from "./rate-limit.ts";
import { largestBody, mediaTypeOf, requireSize } from "./submission-body.ts";
import { type Occasion, type Source, takeCall } from "./track.ts";

export interface EventDependencies {
  readonly table: Table;
  readonly now: () => Date;
  readonly apiKey: (id: string) => Promise<ApiKey | undefined>;
  /** Hears of faults, which never reach the caller. */
  readonly onFault: (error: unknown, correlationId: string) => void;
}

type Post = Pick<Request, "headers" | "rawBody" | "sourceIp" | "correlationId">;

/** One write each: many at a time, within what a partition of the SDK's connections takes. */
const concurrency = 16;
const scriptHeaders = {
  "content-type": "text/javascript; charset=utf-8",
  "cache-control": "public, max-age=3600",
  "cross-origin-resource-policy": "cross-origin",
} as const;
/** Of one public key, from one address. */
const browserLimit = { submissions: 300, perSeconds: 60 } as const;

/** The handlers of events of the Segment spec. */
export function eventHandlers({ table, now, apiKey, onFault }: EventDependencies): Handlers<typeof eventRoutes> {
  async function admit({ headers, sourceIp }: Post, body: unknown): Promise<Source> {
    const secret = secretOf(headers.authorization);
    const { writeKey } = parsePart(writeKeySchema, body, "");
    if (secret === undefined && writeKey === undefined) {
      throw new DomainError("unauthorized", "Send your API key as `Authorization: Bearer …`, or as the user of Basic.");
    }
    const key = await apiKey(apiKeyIdOf(secret ?? writeKey ?? ""));
    if (key === undefined) throw new DomainError("unauthorized", "This API key is not known.");
    if (key.scopes.includes("track")) {
      if (secret !== undefined) return { name: key.name, browser: false };
      throw new DomainError("forbidden", "Send a secret key as `Authorization`, never in a body.");
    }
    if (!key.scopes.includes("write")) throw new DomainError("forbidden", "This API key may not post events.");
    const { origin } = headers;
    if (key.origins !== undefined && (origin === undefined || !key.origins.includes(origin))) {
      throw new DomainError("origin_not_allowed", "This write key does not list the page's origin.");
    }
    await countRequest(table, { counter: `write-${key.id.slice(0, 32)}`, sourceIp, limit: browserLimit, now: now() });
    return { name: key.name, browser: true, origins: key.origins };
  }

  async function answer(post: Post, instance: string, take: (body: unknown) => Promise<Reply>): Promise<Reply> {
    const { headers, correlationId } = post;
    const cors = corsOf(headers);
    try {
      requireMediaType(headers);
      return withHeaders(await take(parseJson(post.rawBody)), cors);
    } catch (error) {
      // Errors too carry CORS headers: without them a site's script could not read why.
      if (!(error instanceof DomainError)) {
        onFault(error, correlationId);
        const fault = { "content-type": "application/problem+json", ...cors };
        return { status: 500, body: faultProblem({ instance, correlationId }), headers: fault };
      }
      const challenge = error.code === "unauthorized" ? { "www-authenticate": 'Basic realm="Rapport"' } : {};
      return problemReply(error, { instance, correlationId }, { ...cors, ...challenge });
    }
  }

  const single = (call: CallType) => (post: Post) =>
    answer(post, `/v1/${call}`, async (body) => {
      requireSize(post.rawBody);
      const source = await admit(post, body);
      const messageId = await takeCall(table, body, call, { source, now: now() });
      return { status: 202, body: { status: "accepted", messageId } };
    });

  async function takeBatch(body: unknown, occasion: Occasion, correlationId: string): Promise<Reply> {
    const { batch, sentAt } = parsePart(batchSchema, body, "");
    const most = occasion.source.browser ? mostFromBrowser : mostEvents;
    if (batch.length > most) {
      throw refusal([{ pointer: "/batch", code: "too_big", message: `has ${batch.length} events; ${most} are taken` }]);
    }
    const results: unknown[] = new Array(batch.length);
    const faults: unknown[] = [];
    await forEachConcurrently([...batch.entries()], concurrency, async ([at, event]) => {
      try {
        if (Buffer.byteLength(JSON.stringify(event)) > largestBody) {
          throw new DomainError("payload_too_large", `An event has ${largestBody} bytes at most.`);
        }
        const messageId = await takeCall(table, { sentAt, ...event }, undefined, occasion);
        results[at] = { status: 202, messageId };
      } catch (error) {
        if (!(error instanceof DomainError)) faults.push(error);
        else results[at] = refused(error, event, { instance: `/v1/batch#/batch/${at}`, correlationId });
      }
    });
    // Sending the whole batch again is safe, and what every client does after an error: nothing of it is lost so.
    if (faults.length > 0) throw faults[0];
    return { status: 207, body: { results } };
  }

  return {
    track: single("track"),
    identify: single("identify"),
    alias: single("alias"),
    page: single("page"),
    screen: single("screen"),
    batch: (post) =>
      answer(post, "/v1/batch", async (body) => {
        if (post.rawBody.length > largestBatch) {
          throw new DomainError("payload_too_large", `A batch has ${largestBatch} bytes at most.`);
        }
        return takeBatch(body, { source: await admit(post, body), now: now() }, post.correlationId);
      }),
    browserScript: async () => ({ status: 200, text: browserSnippet, headers: scriptHeaders }),
    async preflightEvents({ params, headers }) {
      const calls: readonly string[] = [...callTypes, "batch"];
      if (!calls.includes(params.call)) throw new DomainError("not_found", `There is nothing at /v1/${params.call}.`);
      const allowed = {
        "access-control-allow-methods": "POST",
        "access-control-allow-headers": "authorization, content-type",
        "access-control-max-age": "600",
      };
      return { status: 204, headers: { ...allowed, ...corsOf(headers) } };
    },
  };
}

function refused(
  error: DomainError,
  event: Readonly<Record<string, unknown>>,
  occasion: Parameters<typeof problemOf>[1],
) {
  const { messageId } = event;
  const { status, code, detail, errors } = problemOf(error, occasion);
  return { status, messageId: typeof messageId === "string" ? messageId : null, error: { code, detail, errors } };
}

/** Scripts of any site may post and read the answer, never with cookies: it is the key that says what they may. */
function corsOf({ origin }: Post["headers"]): Record<string, string> {
  return origin === undefined ? {} : { "access-control-allow-origin": "*" };
}

function requireMediaType(headers: Post["headers"]): void {
  // A browser's beacon sends text/plain, which needs no preflight.
  const type = mediaTypeOf(headers["content-type"]);
  if (type === "application/json" || (type === "text/plain" && headers.authorization === undefined)) return;
  throw new DomainError("unsupported_media_type", "Send events as application/json.");
}

function withHeaders(reply: Reply, headers: Reply["headers"]): Reply {
  return { ...reply, headers: { ...reply.headers, ...headers } };
}
