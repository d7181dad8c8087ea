import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { type SourceSecrets, sourceSecretsSchema } from "./source.ts";

/** Where the secrets of sources are kept: one secret of Secrets Manager for each source, under a common path. */
export interface SecretStore {
  readonly client: SecretsManagerClient;
  /** `rapport/<stage>/sources` */
  readonly path: string;
}

const nameOf = (store: SecretStore, source: string) => `${store.path}/${source}`;

/** The secrets of a source; undefined when it has none. */
export async function readSourceSecrets(store: SecretStore, source: string): Promise<SourceSecrets | undefined> {
  try {
    const { SecretString } = await store.client.send(new GetSecretValueCommand({ SecretId: nameOf(store, source) }));
    return sourceSecretsSchema.parse(JSON.parse(SecretString ?? ""));
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

/** Keeps the secrets of a source. */
export async function writeSourceSecrets(store: SecretStore, source: string, secrets: SourceSecrets): Promise<void> {
  const SecretString = JSON.stringify(secrets);
  try {
    await store.client.send(new PutSecretValueCommand({ SecretId: nameOf(store, source), SecretString }));
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
    await store.client.send(new CreateSecretCommand({ Name: nameOf(store, source), SecretString }));
  }
}
