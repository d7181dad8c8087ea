import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { describe, expect, it } from "vitest";
import { startBound } from "../../../../local/engines/bound-process.ts";
import { until } from "../../../support/until.ts";

/** A command that says its own process id and then stays. */
const stay = ["-c", "echo $$; exec sleep 600"] as const;

const isRunning = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe("a process that is bound to the host", () => {
  it("ends when it is asked to", async () => {
    const bound = startBound("/bin/sh", stay, {});
    const [pid] = await once(createInterface({ input: bound.child.stdout ?? process.stdin }), "line");
    expect(isRunning(Number(pid))).toBe(true);
    await bound.stop();
    await until(() => !isRunning(Number(pid)));
  });

  it("ends when the host is killed outright", async () => {
    const module = new URL("../../../../local/engines/bound-process.ts", import.meta.url).href;
    const program = `
      import { startBound } from ${JSON.stringify(module)};
      startBound("/bin/sh", ${JSON.stringify(stay)}, {}).child.stdout.pipe(process.stdout);
    `;
    const host = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [pid] = await once(createInterface({ input: host.stdout }), "line");
    expect(isRunning(Number(pid))).toBe(true);
    host.kill("SIGKILL");
    await until(() => !isRunning(Number(pid)));
  });

  it("reports its own end", async () => {
    const bound = startBound("/bin/sh", ["-c", "exit 3"], {});
    const [code] = await once(bound.child, "exit");
    expect(code).toBe(3);
    await bound.stop();
  });
});
