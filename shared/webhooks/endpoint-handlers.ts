import { DomainError } from "../errors.ts";
import type { Handlers } from "../http/router.ts";
import type { webhookEndpointRoutes } from "../http/routes/webhook-endpoints.ts";
import { exchanged } from "../secrets/exchange.ts";
import { type SecretStore, writeSecret } from "../secrets/secret-store.ts";
import type { Table } from "../table/client.ts";
import { type Endpoint, endpointUrl } from "./endpoint.ts";
import { getEndpoint, listEndpoints, putEndpoint, readEndpointSecrets } from "./endpoint-store.ts";

export interface EndpointDependencies {
  readonly table: Table;
  readonly secrets: SecretStore;
  readonly now: () => Date;
  /** Whether an endpoint may be on this machine, without TLS. */
  readonly localReceivers: boolean;
}

/** The staff API's handlers of webhook endpoints. A secret goes in and never comes out again. */
export function endpointHandlers(deps: EndpointDependencies): Handlers<typeof webhookEndpointRoutes> {
  const { table, secrets, now } = deps;
  return {
    async listWebhookEndpoints() {
      return { status: 200, body: { items: await listEndpoints(table), nextCursor: null } };
    },

    async getWebhookEndpoint({ params: { id } }) {
      const endpoint = await getEndpoint(table, id);
      if (endpoint === undefined) throw new DomainError("not_found", `There is no webhook endpoint ${id}.`);
      return { status: 200, body: endpoint };
    },

    async putWebhookEndpoint({ params: { id }, body }) {
      const { secret, oldSecretHours, description, state } = body;
      const url = endpointUrl(body.url, deps);
      const held = await readEndpointSecrets(secrets, id);
      if (secret === undefined && held === undefined) {
        const message = "is needed with a new endpoint: echo whsec_$(openssl rand -base64 32)";
        throw new DomainError("invalid_input", `The webhook endpoint ${id} was not kept: it has no secret.`, {
          errors: [{ pointer: "/secret", message, code: "required" }],
        });
      }
      // The secret first: what is called can be signed.
      if (secret !== undefined) {
        const next = exchanged(held?.secrets ?? [], { secret, oldSecretHours }, now());
        await writeSecret(secrets, id, { secrets: next });
      }
      const endpoint: Endpoint = { id, url, description, state, updatedAt: now().toISOString() };
      await putEndpoint(table, endpoint);
      return { status: 200, body: endpoint };
    },
  };
}
