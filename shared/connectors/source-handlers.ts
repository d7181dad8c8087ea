import type { Handlers } from "../http/router.ts";
import type { sourceRoutes } from "../http/routes/sources.ts";
import type { Table } from "../table/client.ts";
import { withNewSecret } from "./source.ts";
import { readSourceSecrets, type SecretStore, writeSourceSecrets } from "./source-secret-store.ts";
import { listSources, putSource } from "./source-store.ts";

export interface SourceDependencies {
  readonly table: Table;
  readonly secrets: SecretStore;
  readonly now: () => Date;
}

/** The staff API's handlers of sources. A secret goes in and never comes out again. */
export function sourceHandlers({ table, secrets, now }: SourceDependencies): Handlers<typeof sourceRoutes> {
  return {
    async listSources() {
      return { status: 200, body: { items: await listSources(table), nextCursor: null } };
    },

    async putSource({ params: { source }, body }) {
      const held = await readSourceSecrets(secrets, source);
      // The secret first: a source that is known can be verified.
      await writeSourceSecrets(secrets, source, withNewSecret(held, body, now()));
      const kept = { source, connector: body.connector, connected: true, connectedAt: now().toISOString() };
      await putSource(table, kept);
      return { status: 200, body: { ...kept, webhookPath: `/v1/webhooks/${body.connector}/${source}` } };
    },
  };
}
