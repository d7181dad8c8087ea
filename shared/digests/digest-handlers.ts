import type { Due } from "../due/due.ts";
import { putDue } from "../due/due-store.ts";
import type { MailMessageInput } from "../email/mail-message.ts";
import type { TokenKeys } from "../email/tokens.ts";
import { DomainError } from "../errors.ts";
import { acceptsCsv } from "../http/csv.ts";
import { requireIdempotencyKey } from "../http/idempotency-key.ts";
import { expectedVersion } from "../http/if-match.ts";
import type { Handlers } from "../http/router.ts";
import type { digestRoutes } from "../http/routes/digests.ts";
import type { Kpi } from "../kpis/kpi.ts";
import { linesCsv } from "../kpis/kpi-csv.ts";
import type { Table } from "../table/client.ts";
import { digestOf as hashOf } from "../table/hash.ts";
import { digestOf } from "./digest.ts";
import { gatherFindings } from "./gather-digest.ts";
import { type DigestMaking, digestMail, digestPage } from "./prepare-digest.ts";
import { stopPath } from "./stop-link.ts";
import { isStanding, type Subscription, subscriptionFaults } from "./subscription.ts";
import { nextSubscription } from "./subscription-changes.ts";
import { putSubscription, readSubscription, readSubscriptions } from "./subscription-store.ts";

export interface DigestHandlerDependencies extends DigestMaking {
  readonly table: Table;
  /** Those that are defined now. */
  readonly kpis: () => Promise<readonly Kpi[]>;
  /** Base of the links in mails, without a slash at its end. */
  readonly publicUrl: string;
  readonly tokenKeys: () => Promise<TokenKeys>;
  readonly now: () => Date;
}

/** Shows itself and its pictures, and can do nothing else. */
const pagePolicy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** What the staff API does with digests. */
export function digestHandlers(dependencies: DigestHandlerDependencies): Handlers<typeof digestRoutes> {
  const { table, kpis, publicUrl, tokenKeys, now, timeZone } = dependencies;

  const requireSubscription = async (id: string): Promise<Subscription> => {
    const stored = await readSubscription(table, id);
    if (isStanding(stored)) return stored;
    throw new DomainError("not_found", `There is no digest ${id}. PUT one.`);
  };
  const digestFor = async ({ slice, kpis: chosen }: Subscription) =>
    digestOf(await gatherFindings({ table, kpis: await kpis(), timeZone, now: now(), slice }), chosen);

  return {
    async listDigests() {
      const { stored } = await readSubscriptions(table);
      return { status: 200, body: { items: stored.filter(isStanding), nextCursor: null } };
    },

    async getDigest({ params }) {
      return replyWith(await requireSubscription(params.id), 200);
    },

    async putDigest({ params: { id }, body, headers, caller }) {
      const errors = subscriptionFaults(body, await kpis());
      if (errors.length > 0)
        throw new DomainError("invalid_input", `Such a digest is impossible: ${errors[0]?.message}.`, { errors });
      const before = await readSubscription(table, id);
      const change = { expected: expectedVersion(headers["if-match"]), now: now(), by: caller?.username ?? "unknown" };
      const next = nextSubscription(before, id, body, change);
      await putSubscription(table, next);
      return replyWith(next, isStanding(before) ? 200 : 201);
    },

    async deleteDigest({ params: { id }, headers }) {
      const { version } = await requireSubscription(id);
      const expected = expectedVersion(headers["if-match"]) ?? version;
      if (expected !== version)
        throw new DomainError("version_conflict", `The digest ${id} is at version ${version}. Read it again.`);
      await putSubscription(table, { id, version: version + 1, ended: true });
      return { status: 204 };
    },

    async previewDigest({ params, headers }) {
      const subscription = await requireSubscription(params.id);
      const digest = await digestFor(subscription);
      if (acceptsCsv(headers)) return { status: 200, csv: linesCsv(digest.lines) };
      const page = await digestPage(digest, subscription, dependencies);
      return { status: 200, html: page, headers: { "content-security-policy": pagePolicy } };
    },

    async sendDigest({ params, headers, correlationId }) {
      const key = requireIdempotencyKey(headers["idempotency-key"]);
      const subscription = await requireSubscription(params.id);
      if (subscription.stoppedAt !== undefined)
        throw new DomainError(
          "in_use",
          `${subscription.recipient.name} has stopped this digest. PUT it to begin again.`,
        );
      const stopUrl = `${publicUrl}${stopPath(await tokenKeys(), subscription)}`;
      const content = await digestMail(await digestFor(subscription), subscription, { ...dependencies, stopUrl });
      await putDue(table, onDemand(subscription, key, { content, correlationId }, now()));
      return { status: 202, body: { status: "accepted" } };
    },
  };
}

/** The ledger lets one mail for each key through, however often it is asked for. */
function onDemand(
  { id, recipient }: Subscription,
  key: string,
  mail: Pick<MailMessageInput, "content" | "correlationId">,
  at: Date,
): Due {
  const messageKey = `digest-${id}-on-demand-${hashOf([key], 20)}`;
  const body: MailMessageInput = { owner: { staff: recipient }, messageKey, ...mail };
  return { at, id: hashOf([messageKey]), queue: "mail", body };
}

function replyWith<Status extends 200 | 201>(subscription: Subscription, status: Status) {
  return { status, body: subscription, headers: { etag: `"${subscription.version}"` } };
}
