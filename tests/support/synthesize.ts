import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  export interface ProvidedContext {
    /** The cloud assembly that every end-to-end test runs. */
    assembly: string;
  }
}

/** Synthesizes the stacks once for all end-to-end tests. */
export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), "rapport-assembly-"));
  const assembly = join(folder, "cdk.out");
  execFileSync(process.execPath, ["infra/synth.ts", "--out", assembly], { stdio: ["ignore", "ignore", "inherit"] });
  project.provide("assembly", assembly);
  return () => rmSync(folder, { recursive: true, force: true });
}
