import { createHash } from "node:crypto";
import type { Table } from "../../../shared/table/client.ts";
import { digestOf } from "../../../shared/table/hash.ts";
import { contentsOf } from "../../support/table-contents.ts";

/** How a word may be written down: as it is, in Base64, or as one of the usual hashes of it. */
function disguisesOf(word: string): readonly string[] {
  const hashes = ["md5", "sha1", "sha256"].flatMap((name) =>
    (["hex", "base64", "base64url"] as const).map((form) => createHash(name).update(word).digest(form)),
  );
  const base64 = Buffer.from(word).toString("base64").replace(/=+$/, "").slice(0, -1);
  const ours = [[word], ["email", word]].flatMap((parts) => [digestOf(parts), digestOf(parts, 16)]);
  return [word, base64, base64.replaceAll("+", "-").replaceAll("/", "_"), ...hashes, ...ours];
}

/** Every item of the table in which one of the words stands, in whatever disguise. */
export async function tracesOf(table: Table, words: readonly string[]): Promise<readonly string[]> {
  const sought = words.flatMap(disguisesOf).map((word) => word.toLowerCase());
  return [...(await contentsOf(table)).values()]
    .map((item) => JSON.stringify(item))
    .filter((text) => sought.some((word) => text.toLowerCase().includes(word)));
}
