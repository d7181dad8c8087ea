import { mkdirSync, readFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import * as z from "zod";

/** Where each shard was confirmed last. */
export interface Checkpoints {
  get(shardId: string): string | undefined;
  set(shardId: string, sequenceNumber: string): void;
  /** Resolves when what was set is on disk. */
  flush(): Promise<void>;
}

const Saved = z.record(z.string(), z.string());

/** Without a file the checkpoints live in memory only. */
export function openCheckpoints(file: string | undefined): Checkpoints {
  const positions = new Map(file === undefined ? [] : load(file));
  let writing: Promise<void> | undefined;
  let changed = false;

  // Whole file under another name, then renamed: a crash leaves the old one or the new one.
  const write = async (path: string): Promise<void> => {
    while (changed) {
      changed = false;
      await writeFile(`${path}.new`, JSON.stringify(Object.fromEntries(positions)));
      await rename(`${path}.new`, path);
    }
    writing = undefined;
  };

  return {
    get: (shardId) => positions.get(shardId),
    set(shardId, sequenceNumber) {
      positions.set(shardId, sequenceNumber);
      changed = true;
    },
    async flush() {
      if (file === undefined || !changed) return writing;
      writing ??= write(file);
      return writing;
    },
  };
}

function load(file: string): readonly (readonly [string, string])[] {
  mkdirSync(dirname(file), { recursive: true });
  try {
    return Object.entries(Saved.parse(JSON.parse(readFileSync(file, "utf8"))));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw new Error(`The checkpoint file ${file} cannot be read. Delete it to replay the stream from its start.`, {
      cause: error,
    });
  }
}

/** Confirmations come in any order; the checkpoint moves only over an unbroken row of them. */
export interface Watermark {
  begin(sequenceNumber: string): void;
  /** Returns the new checkpoint when it moved. */
  confirm(sequenceNumber: string): string | undefined;
}

export function createWatermark(): Watermark {
  const open = new Map<string, boolean>();
  return {
    begin: (sequenceNumber) => void open.set(sequenceNumber, false),
    confirm(sequenceNumber) {
      if (!open.has(sequenceNumber)) return undefined;
      open.set(sequenceNumber, true);
      let reached: string | undefined;
      for (const [oldest, confirmed] of open) {
        if (!confirmed) break;
        open.delete(oldest);
        reached = oldest;
      }
      return reached;
    },
  };
}
