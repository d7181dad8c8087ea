import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const HOST = fileURLToPath(new URL("./orphan-host.ts", import.meta.url));

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

it("no function outlives a host that is killed, not even one in a busy loop", async () => {
  const host = spawn(process.execPath, [HOST], { stdio: ["ignore", "pipe", "inherit"] });
  const pids: number[] = [];
  for await (const line of createInterface({ input: host.stdout })) {
    pids.push(Number(line));
    if (pids.length === 2) break;
  }
  expect(pids.map(isAlive)).toEqual([true, true]);

  host.kill("SIGKILL");

  await expect.poll(() => pids.map(isAlive), { timeout: 5_000 }).toEqual([false, false]);
});
