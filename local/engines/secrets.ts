import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";

const secretSchema = z.strictObject({
  name: z.string(),
  /** What AWS puts behind the name in the ARN. */
  suffix: z.string(),
  createdAt: z.number(),
  versionId: z.string(),
  versionCreatedAt: z.number(),
  secretString: z.string(),
});
export type StoredSecret = Readonly<z.infer<typeof secretSchema>>;

/** Keeps the current version of each secret, by name. */
export interface SecretsEngine {
  get(name: string): StoredSecret | undefined;
  put(secret: StoredSecret): void;
}

/** Opens the secrets; in `secrets.json` of a folder, readable by its owner alone, or in memory when there is none. */
export function openSecrets(directory?: string): SecretsEngine {
  const path = directory === undefined ? undefined : join(directory, "secrets.json");
  const known = path !== undefined && existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : [];
  const secrets = new Map(
    z
      .array(secretSchema)
      .parse(known)
      .map((secret) => [secret.name, secret] as const),
  );

  return {
    get: (name) => secrets.get(name),
    put(secret) {
      secrets.set(secret.name, secret);
      if (path === undefined || directory === undefined) return;
      mkdirSync(directory, { recursive: true });
      const draft = `${path}.new`;
      writeFileSync(draft, JSON.stringify([...secrets.values()]), { mode: 0o600 });
      chmodSync(draft, 0o600);
      // The file is never half-written, whenever the host is killed.
      renameSync(draft, path);
    },
  };
}
