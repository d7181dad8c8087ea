import { createHash } from "node:crypto";

/** SHA-256 of the parts, each led by its length so that no two lists of parts read alike; hex, cut to `length` digits. */
export function digestOf(parts: readonly string[], length = 32): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest("hex").slice(0, length);
}

/**
 * Which of `shards` partitions a value belongs to, evenly and for ever the same.
 * @param value any stable id
 */
export function shardOf(value: string, shards: number): number {
  return Number.parseInt(digestOf([value], 8), 16) % shards;
}
