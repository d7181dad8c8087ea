import type { Adapter, AdapterPayload } from "oidc-provider";

interface Entry {
  readonly payload: AdapterPayload;
  readonly expiresAtMs: number;
}

/** Sessions, grants and codes of the sign-in server in memory; expiry follows the host's clock. */
export function memoryStore(): (model: string) => Adapter {
  const entries = new Map<string, Entry>();
  return (model) => modelStore(model, entries);
}

function modelStore(model: string, entries: Map<string, Entry>): Adapter {
  const key = (id: string) => `${model}:${id}`;
  const live = (entry: Entry | undefined) => (entry && entry.expiresAtMs > Date.now() ? entry.payload : undefined);
  const search = (property: "uid" | "userCode", value: string) =>
    [...entries].find(([name, { payload }]) => name.startsWith(`${model}:`) && payload[property] === value)?.[1];
  return {
    async upsert(id, payload, expiresInSeconds) {
      const lifetime =
        expiresInSeconds !== undefined && expiresInSeconds > 0 ? expiresInSeconds * 1000 : Number.POSITIVE_INFINITY;
      entries.set(key(id), { payload, expiresAtMs: Date.now() + lifetime });
    },
    find: async (id) => live(entries.get(key(id))),
    findByUid: async (uid) => live(search("uid", uid)),
    findByUserCode: async (userCode) => live(search("userCode", userCode)),
    async consume(id) {
      const entry = entries.get(key(id));
      if (entry) entry.payload.consumed = Math.floor(Date.now() / 1000);
    },
    async destroy(id) {
      entries.delete(key(id));
    },
    async revokeByGrantId(grantId) {
      for (const [name, { payload }] of entries) if (payload.grantId === grantId) entries.delete(name);
    },
  };
}
