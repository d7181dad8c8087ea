import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { StartError } from "../start-error.ts";
import { type BoundProcess, startBound } from "./bound-process.ts";
import { checkJava } from "./java.ts";
import { host } from "./ports.ts";
import { keepLogShort, writeAhead } from "./write-ahead-log.ts";

export interface DynamoDbEngine {
  readonly url: string;
  /** Of the process that watches over the engine; both are gone after close. */
  readonly pid: number;
  close(): Promise<void>;
}

/** Starts Amazon's DynamoDB Local; resolves when it answers. */
export async function startDynamoDb(options: { port: number; dataDirectory?: string }): Promise<DynamoDbEngine> {
  await checkJava();
  const emulator = join(
    dirname(createRequire(import.meta.url).resolve("amplify-dynamodb-simulator/package.json")),
    "emulator",
  );
  const libraries = join(emulator, "DynamoDBLocal_lib");
  if (options.dataDirectory !== undefined) {
    mkdirSync(options.dataDirectory, { recursive: true });
    writeAhead(options.dataDirectory);
  }
  const process = startBound(
    "java",
    [
      "-Dorg.eclipse.jetty.util.log.announce=false",
      "-Dorg.eclipse.jetty.LEVEL=WARN",
      "-Xmx1g",
      "-XX:+UseSerialGC",
      // What stays in memory lives for minutes: compiling more than once costs more than it brings.
      ...(options.dataDirectory === undefined ? ["-XX:TieredStopAtLevel=1"] : []),
      `-Djava.library.path=${libraries}`,
      "-cp",
      [join(emulator, "DynamoDBLocal.jar"), join(libraries, "*")].join(delimiter),
      "org.eclipse.jetty.xml.XmlConfiguration",
      `port=${options.port}`,
      ...(options.dataDirectory === undefined
        ? ["inMemory=true"]
        : ["inMemory=false", `dbPath=${options.dataDirectory}`]),
      fileURLToPath(new URL("dynamodb-server.xml", import.meta.url)),
    ],
    { env: { PATH: globalThis.process.env.PATH, DDB_LOCAL_TELEMETRY: "0" } },
  );
  const url = `http://${host}:${options.port}`;
  await answered(url, process, 20_000);
  const log = options.dataDirectory === undefined ? undefined : keepLogShort(options.dataDirectory);
  const close = async () => {
    await log?.close();
    await process.stop();
  };
  return { url, pid: process.child.pid ?? 0, close };
}

async function answered(url: string, process: BoundProcess, timeoutMs: number): Promise<void> {
  let output = "";
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-2000);
  };
  process.child.stdout?.on("data", keep);
  process.child.stderr?.on("data", keep);
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline && process.child.exitCode === null) {
    if (await answers(url)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await process.stop();
  const reason =
    output
      .trim()
      .split("\n")
      .find((line) => /Exception|Error|Caused/.test(line)) ?? "it gave no reason";
  throw new StartError(
    `DynamoDB Local did not start (${reason.trim()}): check that Java runs and that its data folder is whole, or start with --memory.`,
  );
}

/** Any HTTP answer will do: without a signature it is an error of the service's own. */
async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { method: "POST", signal: AbortSignal.timeout(2000) });
    await response.arrayBuffer();
    return true;
  } catch {
    return false;
  }
}
