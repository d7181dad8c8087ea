import { readSecret, type SecretStore, writeSecret } from "../secrets/secret-store.ts";
import { type SourceSecrets, sourceSecretsSchema } from "./source.ts";

/** The secrets of a source; undefined when it has none. */
export async function readSourceSecrets(store: SecretStore, source: string): Promise<SourceSecrets | undefined> {
  const content = await readSecret(store, source);
  return content === undefined ? undefined : sourceSecretsSchema.parse(content);
}

/** Keeps the secrets of a source. */
export function writeSourceSecrets(store: SecretStore, source: string, secrets: SourceSecrets): Promise<void> {
  return writeSecret(store, source, secrets);
}
