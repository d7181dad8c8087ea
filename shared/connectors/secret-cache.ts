import { validSecrets } from "../secrets/exchange.ts";
import type { SourceSecrets } from "./source.ts";

const keptSeconds = 300;
/** A flood of forged deliveries asks for the secrets no more often than this. */
const freshSeconds = 2;

/** The secrets of sources in the function's memory. */
export interface SecretCache {
  /** The secrets that verify now. */
  valid(source: string): Promise<readonly string[]>;
  /** The same, read anew unless that was done a moment ago: a secret that was exchanged just now verifies at once. */
  fresh(source: string): Promise<readonly string[]>;
}

/** @param read asks Secrets Manager */
export function secretCache(
  read: (source: string) => Promise<SourceSecrets | undefined>,
  now: () => Date,
): SecretCache {
  const kept = new Map<string, { readonly secrets: SourceSecrets; readonly at: number }>();

  async function within(source: string, seconds: number): Promise<readonly string[]> {
    const found = kept.get(source);
    const time = now().getTime();
    if (found !== undefined && time - found.at < seconds * 1000) return validSecrets(found.secrets, now());
    const secrets = await read(source);
    if (secrets === undefined) return [];
    kept.set(source, { secrets, at: time });
    return validSecrets(secrets, now());
  }

  return { valid: (source) => within(source, keptSeconds), fresh: (source) => within(source, freshSeconds) };
}
