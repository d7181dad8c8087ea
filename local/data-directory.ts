import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { StartError } from "./start-error.ts";

/** The folder in which a host keeps its data from start to start; one host at a time. */
export interface DataDirectory {
  readonly path: string;
  /** How far the clock was ahead when it was last changed. */
  readonly clockOffsetMs: number;
  keepClockOffset(offsetMs: number): void;
  release(): void;
}

export function openDataDirectory(directory: string): DataDirectory {
  const path = resolve(directory);
  mkdirSync(path, { recursive: true });
  const lockPath = join(path, "host.pid");
  const clockPath = join(path, "clock.json");
  const owner = existsSync(lockPath) ? Number(readFileSync(lockPath, "utf8")) : 0;
  if (owner !== process.pid && isRunning(owner)) {
    throw new StartError(
      `${path} is in use by the host with process id ${owner}: stop that one, or take another folder with --data.`,
    );
  }
  writeFileSync(lockPath, String(process.pid));
  return {
    path,
    clockOffsetMs: existsSync(clockPath) ? parseOffset(readFileSync(clockPath, "utf8")) : 0,
    keepClockOffset: (offsetMs) => writeFileSync(clockPath, JSON.stringify({ offsetMs })),
    release: () => rmSync(lockPath, { force: true }),
  };
}

function parseOffset(text: string): number {
  const [, digits = "0"] = /"offsetMs":(\d+)/.exec(text) ?? [];
  return Number(digits);
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
