import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

export interface HostProcessOptions {
  /** A cdk.out folder; `cdk.out` here when left out. */
  readonly assembly?: string;
  /** Where everything is kept; in memory when left out. */
  readonly dataDirectory?: string;
  /** A shell command that runs once the host is ready, with LOCAL_CONTROL_URL in its environment. */
  readonly after?: string;
  /** How long the start may take. */
  readonly timeoutMs?: number;
}

/** A host in a process of its own, on ports of its own. */
export interface HostProcess extends AsyncDisposable {
  readonly controlUrl: string;
  /** Of the host itself. */
  readonly pid: number;
  /** Ends it in order. */
  close(): Promise<void>;
  /** Ends it at once, as a power cut does. */
  kill(): Promise<void>;
}

const announcement = `node -e "console.log('host ready at ' + process.env.LOCAL_CONTROL_URL)"`;

/** Starts a host for scripts and tests; resolves when it is ready. */
export async function startHostProcess(options: HostProcessOptions = {}): Promise<HostProcess> {
  const { assembly = "cdk.out", dataDirectory, after, timeoutMs = 60_000 } = options;
  const place = dataDirectory === undefined ? ["--memory"] : ["--data", dataDirectory];
  const ready = after === undefined ? announcement : `${after} && ${announcement}`;
  const start = new URL("bin/start.ts", import.meta.url).pathname;
  const child = spawn(
    process.execPath,
    [start, "--assembly", assembly, ...place, "--port-base", "random", "--quiet", "--after", ready],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  const exited = once(child, "exit");
  const controlUrl = await announced(child, timeoutMs);
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await exited;
  };
  const close = () => end("SIGTERM");
  return { controlUrl, pid: child.pid ?? 0, close, kill: () => end("SIGKILL"), [Symbol.asyncDispose]: close };
}

function announced(child: ChildProcess, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    const timer = setTimeout(() => fail(`was not ready within ${timeoutMs / 1000} s`), timeoutMs);
    const fail = (reason: string) => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      reject(new Error(`The host ${reason}. It said:\n${said.slice(-4000)}`));
    };
    const hear = (chunk: Buffer) => {
      said += chunk.toString();
      const url = /host ready at (\S+)/.exec(said)?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    child.once("exit", (code) => fail(`ended with code ${code}`));
  });
}
