import { streamOf, type TemplateOf } from "../email/compose.ts";
import { templates } from "../email/templates/templates.ts";
import { DomainError } from "../errors.ts";
import { expectedVersion } from "../http/if-match.ts";
import type { Caller } from "../http/reply.ts";
import { parsePart } from "../http/request.ts";
import type { Handlers } from "../http/router.ts";
import type { broadcastRoutes } from "../http/routes/broadcasts.ts";
import { progressOf } from "../segments/rebuild.ts";
import { getSegment } from "../segments/segment-store.ts";
import type { Table } from "../table/client.ts";
import { digestOf } from "../table/hash.ts";
import { type Broadcast, type BroadcastInput, broadcastInputSchema, shownState } from "./broadcast.ts";
import { cancel, pause, requireDraft, resume, schedule, send } from "./broadcast-changes.ts";
import { getBroadcast, listBroadcasts, putBroadcast } from "./broadcast-store.ts";
import { type EstimateDependencies, estimate } from "./estimate-store.ts";
import { walkOf } from "./fan-out.ts";
import { endedOf } from "./progress.ts";
import { readReport } from "./progress-store.ts";

export interface BroadcastHandlerDependencies extends EstimateDependencies {
  readonly newId: () => string;
}

interface ChangeRequest {
  readonly params: { readonly id: string };
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly caller: Caller | undefined;
}

/** The staff API's handlers of broadcasts. */
export function broadcastHandlers(deps: BroadcastHandlerDependencies): Handlers<typeof broadcastRoutes> {
  const { table, templateOf, now, newId } = deps;

  async function requireBroadcast(id: string): Promise<Broadcast> {
    const broadcast = await getBroadcast(table, id);
    if (broadcast === undefined) throw new DomainError("not_found", `There is no broadcast ${id}.`);
    return broadcast;
  }

  /** A change by whoever read the newest version; `If-Match` makes sure that the caller did. */
  async function change(
    { params, headers, caller }: ChangeRequest,
    decide: (broadcast: Broadcast) => Broadcast | Promise<Broadcast>,
  ) {
    const broadcast = await requireBroadcast(params.id);
    requireVersion(broadcast, expectedVersion(headers["if-match"]));
    const next = await decide(broadcast);
    if (next === broadcast) return replyWith(broadcast, now());
    const stamp = { updatedAt: now().toISOString(), updatedBy: caller?.username ?? "unknown" };
    const written = { ...next, ...stamp, version: broadcast.version + 1 };
    await putBroadcast(table, written);
    return replyWith(written, now());
  }

  async function requireSendable(input: BroadcastInput): Promise<void> {
    for (const [index, { templateId }] of input.variants.entries()) {
      await requireMarketing(templateId, `/variants/${index}/templateId`, templateOf);
    }
    const segment = await getSegment(table, input.segmentId);
    if (segment === undefined) throw refusal("/segmentId", `there is no segment ${input.segmentId}; make it first`);
    if (segment.archivedAt !== undefined) throw refusal("/segmentId", `the segment ${segment.id} is archived`);
    const { done, shards, shardsDone } = progressOf(segment.rebuild);
    if (done) return;
    const far = `its members are still being found (${shardsDone} of ${shards} parts done)`;
    throw refusal("/segmentId", `the segment ${segment.id} is new or was changed, and ${far}; try again in a minute`);
  }

  return {
    async createBroadcast({ body, headers, caller }) {
      const key = headers["idempotency-key"];
      const id = key === undefined ? newId() : digestOf(["broadcast", caller?.subject ?? "", requireKey(key)], 26);
      for (const [index, { templateId }] of body.variants.entries()) {
        await requireMarketing(templateId, `/variants/${index}/templateId`, templateOf);
      }
      const at = now().toISOString();
      const by = caller?.username ?? "unknown";
      const requestHash = digestOf([JSON.stringify(body)]);
      const fresh = { ...body, id, state: "draft", version: 1, requestHash } as const;
      const broadcast = { ...fresh, createdAt: at, updatedAt: at, updatedBy: by };
      return replyWith(await created(table, broadcast), now(), 201);
    },

    async listBroadcasts({ query }) {
      const { items, nextCursor } = await listBroadcasts(table, query);
      return { status: 200, body: { items: items.map((it) => viewOf(it, now())), nextCursor: nextCursor ?? null } };
    },

    async getBroadcast({ params }) {
      const broadcast = await requireBroadcast(params.id);
      const { status, body, headers } = replyWith(broadcast, now());
      return { status, headers, body: { ...body, progress: await progressOfBroadcast(table, broadcast) } };
    },

    patchBroadcast: (request) =>
      change(request, async (broadcast) => {
        requireDraft(broadcast, now());
        const { mailsPerHour, ...given } = request.body;
        const kept = { ...inputOf(broadcast), ...given };
        const pace = mailsPerHour === undefined ? kept.mailsPerHour : (mailsPerHour ?? undefined);
        const { mailsPerHour: _before, ...rest } = kept;
        const input = parsePart(
          broadcastInputSchema,
          { ...rest, ...(pace !== undefined && { mailsPerHour: pace }) },
          "",
        );
        for (const [index, { templateId }] of input.variants.entries()) {
          await requireMarketing(templateId, `/variants/${index}/templateId`, templateOf);
        }
        const { mailsPerHour: _old, ...others } = broadcast;
        return { ...others, ...input };
      }),

    async estimateBroadcast({ params }) {
      return { status: 200, body: await estimate(deps, await requireBroadcast(params.id)) };
    },

    sendBroadcast: (request) =>
      change(request, async (broadcast) => {
        const next = send(broadcast, now());
        await requireSendable(broadcast);
        return next;
      }),
    scheduleBroadcast: (request) =>
      change(request, async (broadcast) => {
        const next = schedule(broadcast, request.body, now());
        await requireSendable(broadcast);
        return next;
      }),
    pauseBroadcast: (request) => change(request, (broadcast) => pause(broadcast, now())),
    resumeBroadcast: (request) => change(request, (broadcast) => resume(broadcast, now())),
    cancelBroadcast: (request) => change(request, (broadcast) => cancel(broadcast, now())),
  };
}

/** The new broadcast; with the key and request of an earlier one, that one as it is now. */
async function created(table: Table, broadcast: Broadcast): Promise<Broadcast> {
  try {
    await putBroadcast(table, broadcast);
    return broadcast;
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== "already_exists") throw error;
    const earlier = await getBroadcast(table, broadcast.id);
    if (earlier?.requestHash === broadcast.requestHash) return earlier;
    throw new DomainError("idempotency_key_reused", "This Idempotency-Key made another broadcast. Send a new key.");
  }
}

function requireKey(key: string): string {
  if (/^[\x21-\x7e]{16,255}$/.test(key)) return key;
  const message = "16 to 255 printable characters";
  throw new DomainError("invalid_input", `Send an Idempotency-Key of ${message}, or none.`, {
    errors: [{ pointer: "/headers/idempotency-key", message, code: "invalid" }],
  });
}

/** Consent, cap and quiet hours hold for marketing templates only, so nothing else goes to a whole segment. */
async function requireMarketing(id: string, pointer: string, templateOf: TemplateOf): Promise<void> {
  const template = await templateOf(id).catch((cause: unknown) => {
    if (templates.has(id)) throw cause;
    throw refusal(pointer, `there is no template ${id}; store it first`, cause);
  });
  if (streamOf({ template, data: {} }) === "marketing" && !template.asksForConsent) return;
  throw refusal(pointer, `the template ${id} is not a marketing template`);
}

function requireVersion({ id, version }: Broadcast, expected: number | undefined): void {
  if (expected === undefined || expected === version) return;
  throw new DomainError(
    "version_conflict",
    `The broadcast ${id} is now at version ${version}; yours was ${expected}. Read it again before you change it.`,
  );
}

function refusal(pointer: string, message: string, cause?: unknown): DomainError {
  const errors = [{ pointer, message, code: "unsendable_broadcast" }];
  return new DomainError("invalid_input", `This broadcast cannot be sent: ${message}.`, { errors, cause });
}

function inputOf({ name, segmentId, variants, holdoutPercent, mailsPerHour, data }: Broadcast): BroadcastInput {
  return { name, segmentId, variants, holdoutPercent, data, ...(mailsPerHour !== undefined && { mailsPerHour }) };
}

function viewOf(broadcast: Broadcast, now: Date) {
  const { fanOut, requestHash: _, startsAt, endedAt, local, mailsPerHour, ...shown } = broadcast;
  return {
    ...shown,
    state: shownState(broadcast, now),
    mailsPerHour: mailsPerHour ?? null,
    startsAt: startsAt ?? null,
    local: local ?? null,
    endedAt: endedAt ?? null,
    walk: fanOut === undefined ? null : walkOf(fanOut),
  };
}

function replyWith(broadcast: Broadcast, now: Date, status = 200) {
  return { status, body: viewOf(broadcast, now), headers: { etag: `"${broadcast.version}"` } };
}

/** What became of the mails; `waiting` are those asked for that have come to no end yet. */
async function progressOfBroadcast(table: Table, { id, fanOut }: Broadcast) {
  if (fanOut === undefined) return null;
  const report = await readReport(table, id);
  const { queued, heldOut } = walkOf(fanOut);
  return { members: queued + heldOut, queued, heldOut, waiting: Math.max(0, queued - endedOf(report)), ...report };
}
