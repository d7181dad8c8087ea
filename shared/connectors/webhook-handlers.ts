import { DomainError } from "../errors.ts";
import type { Handlers } from "../http/router.ts";
import type { webhookRoutes } from "../http/routes/webhooks.ts";
import type { Table } from "../table/client.ts";
import { storeCalls, storePrivacyRequest } from "./call-store.ts";
import type { Connector, Delivery, Mapped } from "./connector.ts";
import { connectors } from "./connectors.ts";
import { parseExactJson } from "./exact-json.ts";
import { storeProducts } from "./product-store.ts";
import type { SecretCache } from "./secret-cache.ts";
import type { Source } from "./source.ts";
import { countIgnored, disconnectSource } from "./source-store.ts";
import { unreadableIn } from "./unreadable.ts";

export interface WebhookDependencies {
  readonly table: Table;
  readonly now: () => Date;
  /** A source by its name, through a cache. */
  readonly source: (name: string) => Promise<Source | undefined>;
  readonly secrets: SecretCache;
  /** Hears of signed deliveries that could not be read. */
  readonly onUnreadable: (source: string, topic: string, problems: readonly string[], correlationId: string) => void;
}

const largestBody = 1_048_576;

/** The public API's handlers of webhooks. */
export function webhookHandlers(dependencies: WebhookDependencies): Handlers<typeof webhookRoutes> {
  const { table, now } = dependencies;

  async function requireSource(connector: string, name: string): Promise<Source> {
    const source = await dependencies.source(name);
    if (source?.connector === connector) return source;
    throw new DomainError("not_found", `There is no source "${name}" of ${connector}.`);
  }

  async function isGenuine(connector: Connector, delivery: Delivery, source: string): Promise<boolean> {
    const { secrets } = dependencies;
    if (connector.verify(delivery, await secrets.valid(source), now())) return true;
    return connector.verify(delivery, await secrets.fresh(source), now());
  }

  return {
    async receiveWebhook({ params, headers, rawBody, correlationId }) {
      if (rawBody.length > largestBody) {
        throw new DomainError(
          "payload_too_large",
          `The body has ${rawBody.length} bytes; at most ${largestBody} are taken.`,
        );
      }
      const source = await requireSource(params.connector, params.source);
      const { source: name, connector: sender } = source;
      const connector = connectors[sender];
      const delivery = { headers, rawBody };
      if (connector.isPing?.(delivery)) return ignored;
      if (!(await isGenuine(connector, delivery, name))) {
        throw new DomainError(
          "unauthorized",
          `No secret of this source signed the body, or it was signed too long ago.`,
        );
      }
      const body = parseExactJson(rawBody);
      const [topic, deliveryId] = [connector.topic(delivery, body), connector.deliveryId(delivery, body)];
      if (!topic || !deliveryId) {
        throw new DomainError(
          "invalid_input",
          `${connector.title} names each delivery and its topic; this one has no name.`,
        );
      }

      let mapped: Mapped | undefined;
      let stored: number;
      try {
        mapped = connector.map(body, topic);
        stored = await storeCalls(table, { source: name, deliveryId }, mapped?.calls ?? [], now());
      } catch (error) {
        const problems = unreadableIn(error);
        if (problems === undefined) throw error;
        // The sender would send it again until it gives up and ends all its webhooks.
        dependencies.onUnreadable(name, topic, problems, correlationId);
        await countIgnored(table, name, `${topic} (unreadable)`);
        return ignored;
      }
      const products = mapped?.products ?? [];
      await storeProducts(table, name, products, now());
      if (mapped?.privacy !== undefined) await storePrivacyRequest(table, source, mapped.privacy, now());
      if (mapped?.disconnected) await disconnectSource(table, name, now());
      if (stored > 0 || products.length > 0 || mapped?.disconnected || mapped?.privacy !== undefined)
        return { status: 200, body: { status: "accepted" } };
      await countIgnored(table, name, topic);
      return ignored;
    },
  };
}

const ignored = { status: 200, body: { status: "ignored" } } as const;
