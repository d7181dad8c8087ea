import { unknownCartsOf } from "../contacts/unknown-cart-store.ts";
import type { Handlers } from "../http/router.ts";
import type { sourceRoutes } from "../http/routes/sources.ts";
import type { SecretStore } from "../secrets/secret-store.ts";
import type { Table } from "../table/client.ts";
import { shopAddress } from "./shop-address.ts";
import { type Source, withNewSecret } from "./source.ts";
import { readSourceSecrets, writeSourceSecrets } from "./source-secret-store.ts";
import { getSource, listSources, putSource } from "./source-store.ts";

export interface SourceDependencies {
  readonly table: Table;
  readonly secrets: SecretStore;
  readonly now: () => Date;
  /** Whether a shop may be on this machine, without TLS. */
  readonly localShops: boolean;
}

/** The staff API's handlers of sources. A secret goes in and never comes out again. */
export function sourceHandlers(deps: SourceDependencies): Handlers<typeof sourceRoutes> {
  const { table, secrets, now } = deps;
  return {
    async listSources() {
      const sources = await listSources(table);
      const counts = await Promise.all(sources.map(({ source }) => unknownCartsOf(table, source, now())));
      const items = sources.map((source, at) => ({ ...source, unknownCarts: counts[at] }));
      return { status: 200, body: { items, nextCursor: null } };
    },

    async putSource({ params: { source }, body }) {
      const { connector, api } = body;
      const before = await getSource(table, source);
      const kept = before?.connector === connector ? before.address : undefined;
      const address = api === undefined ? kept : shopAddress(connector, api, deps);
      const held = await readSourceSecrets(secrets, source);
      // The secret first: a source that is known can be verified.
      await writeSourceSecrets(secrets, source, withNewSecret(held, body, now()));
      const connectedAt = now().toISOString();
      const next: Source = {
        source,
        connector,
        connected: true,
        connectedAt,
        ...(address !== undefined && { address }),
      };
      await putSource(table, next);
      return { status: 200, body: { ...next, webhookPath: `/v1/webhooks/${connector}/${source}` } };
    },
  };
}
