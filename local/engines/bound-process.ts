import { type ChildProcess, spawn } from "node:child_process";

/**
 * Runs the command and waits beside it for the end of its own standard input, which this process holds open.
 * So the command ends when the host closes the pipe and also when the host is killed outright.
 * A group of its own keeps the terminal's Ctrl-C away: the host stops it last.
 */
const watchdog = `
exec 3<&0
"$@" </dev/null 3<&- &
child=$!
( cat <&3; kill "$child"; sleep 3; kill -9 "$child" ) >/dev/null 2>&1 &
exec 3<&-
wait "$child"
`;

export interface BoundProcess {
  readonly child: ChildProcess;
  /** Asks it to end and waits until it has. */
  stop(): Promise<void>;
}

export function startBound(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv },
): BoundProcess {
  const child = spawn("/bin/sh", ["-c", watchdog, "watchdog", command, ...args], {
    ...options,
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  // The pipe may break while the child ends; that is what it is for.
  child.stdin.on("error", () => undefined);
  return {
    child,
    stop: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
