import { type ChildProcess, fork } from "node:child_process";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { FunctionModel } from "../assembly/model.ts";
import type { Credentials } from "../interfaces.ts";
import { buildEnvironment } from "./environment.ts";
import { parseLine, readLines } from "./log-lines.ts";
import type { FromProcess, Invocation, ToProcess } from "./messages.ts";
import type { FunctionLog } from "./platform-log.ts";

export type ProcessEvent =
  | FromProcess
  | { readonly type: "exit"; readonly code: number | null; readonly signal: string | null }
  | { readonly type: "timeout" };

export interface ProcessOptions {
  readonly fn: FunctionModel;
  readonly region: string;
  readonly credentials: Credentials;
  readonly gatewayUrl: string;
  readonly logStreamName: string;
  readonly clock: { now(): number; offset(): number };
  readonly log: FunctionLog;
  readonly onExit: (process: FunctionProcess) => void;
}

const MAIN = fileURLToPath(new URL("./child/main.ts", import.meta.url));

/** Lambda leaves the rest of a function's memory to what lives outside of the heap. */
const HEAP_SHARE = 0.9;

/** One execution environment: a Node process that serves one invocation after the other. */
export class FunctionProcess {
  readonly fn: FunctionModel;
  readonly accessKeyId: string;
  /** Real milliseconds at which it last became idle. */
  idleSince = 0;
  #requestId: string | undefined;
  #alive = true;
  #unread: ProcessEvent | undefined;
  #listener: ((event: ProcessEvent) => void) | undefined;
  readonly #child: ChildProcess;

  constructor(options: ProcessOptions) {
    this.fn = options.fn;
    this.accessKeyId = options.credentials.accessKeyId;
    this.#child = fork(MAIN, [String(options.clock.offset())], {
      cwd: options.fn.codePath,
      env: buildEnvironment(options),
      execArgv: [`--max-old-space-size=${Math.floor(options.fn.memoryMb * HEAP_SHARE)}`],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.#child.on("message", (message: FromProcess) => this.#emit(message));
    this.#child.on("error", () => this.#ended(options, null, "error"));
    this.#child.on("exit", (code, signal) => this.#ended(options, code, signal));
    this.#readLogs(options);
  }

  /** False as soon as it is to end. */
  get usable(): boolean {
    return this.#alive && !this.#child.killed;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Hands an invocation over; its outcome is the next event. */
  invoke(invocation: Invocation): void {
    this.#requestId = invocation.requestId;
    this.#send({ type: "invoke", ...invocation });
  }

  setClock(clockOffset: number): void {
    this.#send({ type: "clock", clockOffset });
  }

  /** The next thing that happens: a message, the end of the process, or nothing for `timeoutMs` real milliseconds. */
  next(timeoutMs: number): Promise<ProcessEvent> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#emit({ type: "timeout" }), timeoutMs);
      this.#listener = (event) => {
        clearTimeout(timer);
        resolve(event);
      };
      if (this.#unread !== undefined) this.#emit(this.#unread);
    });
  }

  /** Lets the lines in that were written before the last message. */
  async flushLogs(): Promise<void> {
    await setImmediate();
    await setImmediate();
    this.#requestId = undefined;
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  #send(message: ToProcess): void {
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  #emit(event: ProcessEvent): void {
    const listener = this.#listener;
    this.#listener = undefined;
    // The first cause stays: what a process says of its failure comes before its end.
    this.#unread = listener === undefined ? (this.#unread ?? event) : undefined;
    listener?.(event);
  }

  #ended(options: ProcessOptions, code: number | null, signal: string | null): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.#emit({ type: "exit", code, signal });
    options.onExit(this);
  }

  #readLogs({ log, fn, clock }: ProcessOptions): void {
    for (const name of ["stdout", "stderr"] as const) {
      const stream = this.#child[name];
      if (stream === null) continue;
      readLines(stream, (line) => {
        const time = new Date(clock.now()).toISOString();
        log.line(parseLine(line, { source: fn.name, time, requestId: this.#requestId, stream: name }), line);
      });
    }
  }
}
