import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";

/** Where the secrets of partners are kept: one secret of Secrets Manager for each, under a common path. */
export interface SecretStore {
  readonly client: SecretsManagerClient;
  /** `rapport/<stage>/sources` */
  readonly path: string;
}

const nameOf = (store: SecretStore, id: string) => `${store.path}/${id}`;

/** The JSON that is kept for a partner; undefined when there is none. */
export async function readSecret(store: SecretStore, id: string): Promise<unknown> {
  try {
    const { SecretString } = await store.client.send(new GetSecretValueCommand({ SecretId: nameOf(store, id) }));
    return JSON.parse(SecretString ?? "");
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

/** Keeps what is secret of a partner, as JSON. */
export async function writeSecret(store: SecretStore, id: string, content: object): Promise<void> {
  const SecretString = JSON.stringify(content);
  try {
    await store.client.send(new PutSecretValueCommand({ SecretId: nameOf(store, id), SecretString }));
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
    await store.client.send(new CreateSecretCommand({ Name: nameOf(store, id), SecretString }));
  }
}
