import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import * as z from "zod";
import { StartError } from "../start-error.ts";

const packageJson = z.object({ name: z.string() });

/** `.name` of the project in the working folder, so that every command finds the same data without being told. */
export function defaultDataDirectory(): string {
  if (!existsSync("package.json")) return ".local-host";
  const parsed = packageJson.safeParse(JSON.parse(readFileSync("package.json", "utf8")));
  return parsed.success ? `.${basename(parsed.data.name)}` : ".local-host";
}

export function logFileOf(dataDirectory: string, fileName: string): string {
  return join(dataDirectory, "logs", fileName);
}

export function parsePortBase(text: string): number | "random" {
  if (text === "random") return "random";
  if (/^\d+$/.test(text)) return Number(text);
  throw new StartError(`--port-base takes a number or the word random, not "${text}".`);
}

/** Ends a command: one sentence for what the caller can mend, everything for a defect. */
export function fail(error: unknown): never {
  const isUsage = error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
  console.error(error instanceof StartError || isUsage ? error.message : error);
  process.exit(1);
}
