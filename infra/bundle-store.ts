import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Metafile } from "esbuild";
import * as z from "zod";

export interface Bundle {
  /** Folder that becomes the function's asset. */
  readonly directory: string;
  /** Hash of the code: the same source gives the same asset. */
  readonly hash: string;
  readonly bytes: number;
  /** esbuild's account of each input's share. */
  readonly metafile: Metafile;
}

const recordSchema = z.object({
  key: z.string(),
  hash: z.string(),
  bytes: z.number(),
  metafile: z.custom<Metafile>((value) => typeof value === "object" && value !== null && "inputs" in value),
});

/**
 * Bundles by their content under `.rapport/bundles`. What it writes appears at once by a rename, so that processes
 * which bundle at the same time do not meet.
 */
export class BundleStore {
  readonly #root: string;
  readonly #folder: string;
  readonly #settings: string;

  constructor(root: string, settings: string) {
    this.#root = root;
    this.#folder = join(root, ".rapport", "bundles");
    this.#settings = settings;
  }

  /** The bundle of an entry file if nothing that went into it has changed. */
  recall(entry: string): Bundle | undefined {
    const path = this.#recordPath(entry);
    const record = existsSync(path) ? recordSchema.safeParse(JSON.parse(readFileSync(path, "utf8"))).data : undefined;
    if (record === undefined || record.key !== this.#keyOf(record.metafile)) {
      return undefined;
    }
    const directory = join(this.#folder, record.hash);
    return existsSync(directory) ? { ...record, directory } : undefined;
  }

  keep(entry: string, code: Uint8Array, metafile: Metafile): Bundle {
    const hash = createHash("sha256").update(code).digest("hex");
    const record = { key: this.#keyOf(metafile) ?? "", hash, bytes: code.length, metafile };
    mkdirSync(this.#folder, { recursive: true });
    const draft = mkdtempSync(join(this.#folder, "draft-"));
    writeFileSync(join(draft, "record.json"), JSON.stringify(record));
    renameSync(join(draft, "record.json"), this.#recordPath(entry));
    const directory = this.#publish(draft, hash, code);
    return { directory, hash, bytes: code.length, metafile };
  }

  #publish(draft: string, hash: string, code: Uint8Array): string {
    const directory = join(this.#folder, hash);
    writeFileSync(join(draft, "index.js"), code);
    // The repository is ESM; this folder says for itself that it is not, wherever it is run from.
    writeFileSync(join(draft, "package.json"), '{"type":"commonjs"}\n');
    try {
      renameSync(draft, directory);
    } catch (cause) {
      // Another process, or an earlier run, has published the same code.
      rmSync(draft, { recursive: true });
      if (!existsSync(directory)) {
        throw new Error(`The bundle could not be kept in ${directory}.`, { cause });
      }
    }
    return directory;
  }

  /** Own files by their content, packages by the lock file. Undefined when an input has gone. */
  #keyOf(metafile: Metafile): string | undefined {
    const hash = createHash("sha256").update(this.#settings);
    const own = Object.keys(metafile.inputs).filter((path) => !path.includes("node_modules/"));
    for (const path of ["package-lock.json", ...own]) {
      const full = join(this.#root, path);
      if (!existsSync(full)) {
        return undefined;
      }
      hash.update(`\n${path}\n`).update(readFileSync(full));
    }
    return hash.digest("hex");
  }

  #recordPath(entry: string): string {
    return join(this.#folder, `${entry.replaceAll(/[^\w]+/g, "-")}.json`);
  }
}
