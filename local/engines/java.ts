import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { StartError } from "../start-error.ts";

export const oldestJava = 17;
const remedy = `install a Java runtime, version ${oldestJava} or newer (for example Eclipse Temurin or the package openjdk-17-jre-headless)`;

/** Throws one sentence when Java is missing or too old for Amazon's DynamoDB Local. */
export async function checkJava(command = "java"): Promise<void> {
  const version = parseJavaVersion(await printedVersion(command));
  if (version < oldestJava) {
    throw new StartError(`DynamoDB Local needs Java ${oldestJava}, and "${command}" is version ${version}: ${remedy}.`);
  }
}

async function printedVersion(command: string): Promise<string> {
  try {
    const { stdout, stderr } = await promisify(execFile)(command, ["-version"]);
    return stderr + stdout;
  } catch (cause) {
    throw new StartError(`DynamoDB Local needs Java, and "${command}" does not run: ${remedy}.`, { cause });
  }
}

/** Major version in the output of `java -version`: `1.8.0_402` is 8, `17.0.15` is 17; 0 when there is none. */
export function parseJavaVersion(output: string): number {
  const [, first = "0", second = "0"] = /version "(\d+)(?:\.(\d+))?/.exec(output) ?? [];
  return first === "1" ? Number(second) : Number(first);
}
