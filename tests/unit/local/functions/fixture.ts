import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { FunctionModel } from "../../../../local/assembly/model.ts";
import type { GatewayPort, InvocationMeasure } from "../../../../local/functions/gateway-port.ts";
import { createPool, type FunctionPool } from "../../../../local/functions/pool.ts";
import type { Clock } from "../../../../local/interfaces.ts";

export const temporaryFolder = (inside = tmpdir()): string =>
  realpathSync(mkdtempSync(join(inside, "local-functions-")));

/** A folder below this project's package.json (type "module") and node_modules, as cdk.out is. */
export function projectFolder(): string {
  const root = fileURLToPath(new URL("../../../../.rapport", import.meta.url));
  mkdirSync(root, { recursive: true });
  return temporaryFolder(root);
}

/** A bundle of one file. */
export function bundle(source: string, { file = "index.js", inside = tmpdir() } = {}): string {
  const folder = temporaryFolder(inside);
  writeFileSync(join(folder, file), source);
  return folder;
}

export function functionOf(
  name: string,
  source: string,
  overrides: Partial<FunctionModel> & { file?: string } = {},
): FunctionModel {
  const { file = "index.js", ...rest } = overrides;
  return {
    name,
    arn: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
    logicalId: name,
    codePath: bundle(source, { file }),
    handler: "index.handler",
    environment: {},
    memoryMb: 128,
    timeoutSeconds: 10,
    roleArn: "arn:aws:iam::000000000000:role/one",
    policies: [],
    ...rest,
  };
}

export interface FakeGateway extends GatewayPort {
  readonly calls: string[];
  readonly measures: InvocationMeasure[];
  readonly bytes: Map<string, number>;
  crash(accessKeyId: string): void;
}

export function fakeGateway(): FakeGateway {
  const calls: string[] = [];
  const measures: InvocationMeasure[] = [];
  const bytes = new Map<string, number>();
  const listeners: ((key: string) => void)[] = [];
  let issued = 0;
  return {
    calls,
    measures,
    bytes,
    url: "http://127.0.0.1:4001",
    issue: (fn) => {
      issued += 1;
      calls.push(`issue ${fn.name}`);
      return { accessKeyId: `KEY${issued}`, secretAccessKey: "secret", sessionToken: "session" };
    },
    revoke: (key) => void calls.push(`revoke ${key}`),
    begin: (key, { route }) => void calls.push(`begin ${key} ${route}`),
    end: (key) => void calls.push(`end ${key}`),
    onCrash: (listener) => void listeners.push(listener),
    crash: (key) => {
      for (const listener of listeners) listener(key);
    },
    meter: {
      invocation: (measure) => void measures.push(measure),
      logBytes: (name, count) => void bytes.set(name, (bytes.get(name) ?? 0) + count),
    },
  };
}

export function fakeClock(): Clock & { set(offset: number): void } {
  let offset = 0;
  const listeners = new Set<(offset: number) => void>();
  return {
    now: () => Date.now() + offset,
    offset: () => offset,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    set: (next) => {
      offset = next;
      for (const listener of listeners) listener(next);
    },
  };
}

export function poolOf(
  functions: readonly FunctionModel[],
  options: { maxProcesses?: number; idleMs?: number; logDirectory?: string } = {},
): { pool: FunctionPool; gateway: FakeGateway; clock: ReturnType<typeof fakeClock> } {
  const gateway = fakeGateway();
  const clock = fakeClock();
  const pool = createPool({ assembly: { functions, region: "us-east-1" }, gateway, clock, ...options });
  return { pool, gateway, clock };
}
