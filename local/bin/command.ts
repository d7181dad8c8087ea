import { spawn } from "node:child_process";
import { StartError } from "../start-error.ts";

/** Runs a shell command to its end; its output goes where `output` says. */
export function runCommand(
  command: string,
  options: { readonly env?: Readonly<Record<string, string>>; readonly output: "shown" | "on failure" },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const stdio = options.output === "shown" ? "inherit" : "pipe";
    const child = spawn(command, {
      shell: true,
      stdio: ["ignore", stdio, stdio],
      env: { ...process.env, ...options.env },
    });
    let said = "";
    const keep = (chunk: Buffer) => {
      said += chunk.toString();
    };
    child.stdout?.on("data", keep);
    child.stderr?.on("data", keep);
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) return resolve();
      reject(
        new StartError(`${said}The command "${command}" ended with code ${code}: mend what it says, then start again.`),
      );
    });
  });
}
