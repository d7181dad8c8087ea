import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { dirname, join } from "node:path";

export interface DynamoDbLocal {
  readonly url: string;
  close(): Promise<void>;
}

// The shell waits on the pipe from this process: when it closes, even by a crash, the engine ends too.
const WATCHDOG = '"$@" < /dev/null & engine=$!; cat > /dev/null; kill "$engine" 2> /dev/null; wait "$engine"';

/** Starts Amazon's DynamoDB Local in memory on a free port; one database for all keys and regions. */
export async function startDynamoDbLocal(): Promise<DynamoDbLocal> {
  const folder = join(
    dirname(createRequire(import.meta.url).resolve("amplify-dynamodb-simulator/package.json")),
    "emulator",
  );
  const port = await freePort();
  const java = ["java", "-Xmx512m", "-XX:+UseSerialGC", `-Djava.library.path=${join(folder, "DynamoDBLocal_lib")}`];
  const jar = ["-jar", join(folder, "DynamoDBLocal.jar"), "-inMemory", "-sharedDb", "-disableTelemetry"];
  const shell = spawn("sh", ["-c", WATCHDOG, "sh", ...java, ...jar, "-port", String(port)], {
    cwd: folder,
    stdio: ["pipe", "ignore", "pipe"],
  });
  const exited = once(shell, "exit");
  let complaint = "";
  shell.stderr.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-2000);
  });
  const url = `http://127.0.0.1:${port}`;
  const close = async (): Promise<void> => {
    shell.stdin.end();
    await exited;
  };
  if (!(await answers(url, 30_000))) {
    await close();
    throw new Error(`DynamoDB Local did not answer on ${url}: ${complaint}`);
  }
  return { url, close };
}

async function answers(url: string, patienceMs: number): Promise<boolean> {
  const deadline = performance.now() + patienceMs;
  while (performance.now() < deadline) {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
    if (response) {
      await response.arrayBuffer();
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
