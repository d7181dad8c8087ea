import type { Handlers } from "../http/router.ts";
import type { apiKeyRoutes } from "../http/routes/forms.ts";
import type { Table } from "../table/client.ts";
import { apiKeyIdOf } from "./api-key.ts";
import { putApiKey } from "./api-key-store.ts";

/** What the handlers of API keys need. `randomBytes` is the source of secrets. */
export interface ApiKeyDependencies {
  readonly table: Table;
  readonly now: () => Date;
  readonly randomBytes: (length: number) => Buffer;
}

/** The staff API's handlers of API keys. */
export function apiKeyHandlers({ table, now, randomBytes }: ApiKeyDependencies): Handlers<typeof apiKeyRoutes> {
  return {
    async createApiKey({ body }) {
      // A write key stands in web pages: its name says that it is no secret.
      const prefix = body.scopes.includes("write") ? "wk" : "rk";
      const secret = `${prefix}_${randomBytes(32).toString("base64url")}`;
      const id = apiKeyIdOf(secret);
      await putApiKey(table, { id, ...body, createdAt: now().toISOString() });
      return { status: 201, body: { id, secret, ...body } };
    },
  };
}
