import { randomBytes } from "node:crypto";
import type { Clock, InvocationResult } from "../interfaces.ts";
import type { GatewayPort } from "./gateway-port.ts";
import type { FunctionLog } from "./platform-log.ts";
import type { FunctionProcess, ProcessEvent } from "./process.ts";
import { outcomeOf } from "./results.ts";

export interface InvocationInput {
  readonly process: FunctionProcess;
  readonly cold: boolean;
  readonly event: string;
  readonly route: string;
  readonly requestId: string;
  readonly gateway: GatewayPort;
  readonly clock: Clock;
  readonly log: FunctionLog;
}

/** Lambda gives the import of a bundle ten seconds of its own. */
const INIT_LIMIT_MS = 10_000;

interface Run {
  readonly last: ProcessEvent;
  readonly durationMs: number;
  readonly initMs?: number;
}

/** Runs one invocation in a process that is free for it, and accounts for it. The process is dead afterwards unless it answered. */
export async function runInvocation(input: InvocationInput): Promise<InvocationResult> {
  const { process, requestId, gateway, log, cold } = input;
  gateway.begin(process.accessKeyId, { route: input.route, requestId });
  log.start(requestId);
  const run = await execute(input);
  if (run.last.type !== "result") process.kill();
  await process.flushLogs();
  gateway.end(process.accessKeyId);
  const outcome = outcomeOf(run.last, requestId, process.fn.timeoutSeconds);
  account(input, run, "error" in outcome ? outcome.error : undefined);
  return { ...outcome, durationMs: run.durationMs, cpuMs: cpuOf(run.last), coldStart: cold };
}

async function execute({ process, cold, event, requestId, clock }: InvocationInput): Promise<Run> {
  const timeoutMs = process.fn.timeoutSeconds * 1_000;
  let initMs: number | undefined;
  if (cold) {
    const begun = performance.now();
    const first = await process.next(INIT_LIMIT_MS + timeoutMs);
    if (first.type !== "ready") return { last: first, durationMs: performance.now() - begun };
    initMs = first.importMs;
  }
  const begun = performance.now();
  const outcome = process.next(timeoutMs);
  process.invoke({
    requestId,
    event,
    functionArn: process.fn.arn,
    timeoutMs,
    clockOffset: clock.offset(),
    traceId: `Root=1-${Math.floor(clock.now() / 1_000).toString(16)}-${randomBytes(12).toString("hex")};Sampled=0`,
  });
  const last = await outcome;
  return { last, durationMs: performance.now() - begun, ...(initMs === undefined ? {} : { initMs }) };
}

function account(input: InvocationInput, run: Run, error: InvocationResult["error"]): void {
  const { process, requestId, gateway, log, cold, route } = input;
  const { name, memoryMb } = process.fn;
  const { durationMs, initMs, last } = run;
  if (error !== undefined) log.failed(requestId, error.type, error.message, error.trace ?? []);
  log.report(requestId, {
    durationMs,
    memoryMb,
    initMs,
    maxMemoryMb: last.type === "result" ? last.maxMemoryMb : memoryMb,
    status:
      error === undefined || error.kind === "handled" ? undefined : error.kind === "timeout" ? "timeout" : "error",
  });
  gateway.meter.invocation({
    function: name,
    route,
    durationMs,
    cpuMs: cpuOf(last),
    memoryMb,
    coldStart: cold,
    ...(initMs === undefined ? {} : { initMs }),
  });
}

/** A process that died took its figure with it. */
const cpuOf = (last: ProcessEvent): number => (last.type === "result" ? last.cpuMs : 0);
