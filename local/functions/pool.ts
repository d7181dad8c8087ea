import { randomBytes, randomUUID } from "node:crypto";
import type { Assembly, FunctionModel } from "../assembly/model.ts";
import type { Clock, Drainable, InvocationResult, Invoker } from "../interfaces.ts";
import { Environments } from "./environments.ts";
import type { GatewayPort } from "./gateway-port.ts";
import { runInvocation } from "./invocation.ts";
import { createLogStream, type LogStream } from "./logs.ts";
import { FunctionLog } from "./platform-log.ts";
import { FunctionProcess } from "./process.ts";
import { startReaper } from "./reaper.ts";
import { type Outcome, REQUEST_LIMIT, requestTooLarge, throttled, unknownFunction } from "./results.ts";

export interface FunctionPool extends Invoker, Drainable {
  readonly logs: LogStream;
  close(): Promise<void>;
  /** Invocations of one function that are under way or wait for a process. */
  running(functionName: string): number;
}

export interface PoolOptions {
  readonly assembly: Pick<Assembly, "functions" | "region">;
  readonly gateway: GatewayPort;
  readonly clock: Clock;
  readonly logDirectory?: string;
  /** Processes at the same time, of all functions together; further invocations wait. */
  readonly maxProcesses?: number;
  /** Real milliseconds after which an unused process ends. */
  readonly idleMs?: number;
}

/** More than there are functions, so that none makes room for another at every turn. */
const MAX_PROCESSES = 36;
const IDLE_MS = 5 * 60_000;

export function createPool(options: PoolOptions): FunctionPool {
  const { assembly, gateway, clock } = options;
  const logs = createLogStream(options.logDirectory);
  const reaper = startReaper();
  const functions = new Map(assembly.functions.map((fn) => [fn.name, fn]));
  const running = new Map<string, number>();
  const exits = new Map<FunctionProcess, () => void>();
  const ended = new Set<Promise<void>>();

  const logOf = (fn: FunctionModel) =>
    new FunctionLog(
      logs,
      fn.name,
      () => clock.now(),
      (bytes) => gateway.meter.logBytes(fn.name, bytes),
      fn.systemLogLevel,
    );

  const spawn = (fn: FunctionModel): FunctionProcess => {
    const process = new FunctionProcess({
      fn,
      region: assembly.region,
      credentials: gateway.issue(fn),
      gatewayUrl: gateway.url,
      logStreamName: logStreamName(clock.now()),
      clock,
      log: logOf(fn),
      onExit,
    });
    const { pid } = process;
    if (pid !== undefined) reaper.add(pid);
    const end = new Promise<void>((resolve) => exits.set(process, resolve));
    ended.add(end);
    void end.then(() => ended.delete(end));
    return process;
  };

  const onExit = (process: FunctionProcess): void => {
    gateway.revoke(process.accessKeyId);
    if (process.pid !== undefined) reaper.remove(process.pid);
    environments.remove(process);
    exits.get(process)?.();
    exits.delete(process);
  };

  const environments = new Environments({
    maxProcesses: options.maxProcesses ?? MAX_PROCESSES,
    idleMs: options.idleMs ?? IDLE_MS,
    spawn,
  });

  gateway.onCrash((accessKeyId) => {
    for (const process of environments.all) if (process.accessKeyId === accessKeyId) process.kill();
  });
  const stopClock = clock.onChange((offset) => {
    for (const process of environments.all) process.setClock(offset);
  });

  const admitted = async (fn: FunctionModel, event: string, route: string): Promise<InvocationResult> => {
    const acquired = await environments.acquire(fn);
    if (acquired === undefined)
      return refused({ kind: "crash", type: "HostClosing", message: "The local host is closing." });
    try {
      return await runInvocation({
        ...acquired,
        event,
        route,
        requestId: randomUUID(),
        gateway,
        clock,
        log: logOf(fn),
      });
    } finally {
      environments.release(acquired.process);
    }
  };

  return {
    logs,
    running: (name) => running.get(name) ?? 0,
    idle: async () => [...running.values()].every((count) => count === 0),
    invoke: async (name, event, { route }) => {
      const fn = functions.get(name);
      if (fn === undefined) return refused(unknownFunction(name));
      const text = JSON.stringify(event ?? null);
      const bytes = Buffer.byteLength(text);
      if (bytes > REQUEST_LIMIT) return refused(requestTooLarge(bytes));
      const before = running.get(name) ?? 0;
      if (fn.reservedConcurrency !== undefined && before >= fn.reservedConcurrency) return refused(throttled());
      running.set(name, before + 1);
      try {
        return await admitted(fn, text, route);
      } finally {
        running.set(name, (running.get(name) ?? 1) - 1);
      }
    },
    close: async () => {
      stopClock();
      environments.close();
      await Promise.all(ended);
      await reaper.close();
      await logs.close();
    },
  };
}

type Failure = Extract<Outcome, { error: unknown }>["error"];

/** An invocation that never reached a process. */
const refused = (error: Failure): InvocationResult => ({ error, durationMs: 0, cpuMs: 0, coldStart: false });

const logStreamName = (now: number): string =>
  `${new Date(now).toISOString().slice(0, 10).replaceAll("-", "/")}/[$LATEST]${randomBytes(16).toString("hex")}`;
