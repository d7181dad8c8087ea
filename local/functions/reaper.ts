import { spawn } from "node:child_process";
import { once } from "node:events";

/**
 * Kills what is left of the function processes when the host is gone. A process normally ends itself when its channel closes,
 * but one in a busy loop cannot; this shell holds the other end of a pipe from the host, so it notices even `kill -9`.
 */
export interface Reaper {
  add(pid: number): void;
  remove(pid: number): void;
  close(): Promise<void>;
}

const SCRIPT = `trap '' INT TERM HUP
alive=""
while read -r change pid; do
  if [ "$change" = "+" ]; then alive="$alive $pid"; continue; fi
  rest=""
  for one in $alive; do [ "$one" = "$pid" ] || rest="$rest $one"; done
  alive="$rest"
done
for one in $alive; do kill -9 "$one" 2>/dev/null; done`;

export function startReaper(): Reaper {
  const shell = spawn("/bin/sh", ["-c", SCRIPT], { stdio: ["pipe", "ignore", "ignore"], env: {} });
  // Without a shell the processes still end with their channel.
  shell.on("error", () => undefined);
  shell.stdin.on("error", () => undefined);
  const exited = once(shell, "close").catch(() => undefined);
  return {
    add: (pid) => void shell.stdin.write(`+ ${pid}\n`),
    remove: (pid) => void shell.stdin.write(`- ${pid}\n`),
    close: async () => {
      shell.stdin.end();
      await exited;
    },
  };
}
