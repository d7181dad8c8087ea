import type { FunctionModel } from "../assembly/model.ts";
import type { FunctionProcess } from "./process.ts";

interface Waiter {
  readonly fn: FunctionModel;
  readonly take: (acquired: Acquired | undefined) => void;
}

export interface Acquired {
  readonly process: FunctionProcess;
  readonly cold: boolean;
}

export interface EnvironmentsOptions {
  readonly maxProcesses: number;
  readonly idleMs: number;
  readonly spawn: (fn: FunctionModel) => FunctionProcess;
}

/**
 * Which process serves whom. The newest idle process of a function comes first; at the cap the longest idle process of
 * another function makes room; when all are busy the next one to be free is waited for.
 */
export class Environments {
  readonly #options: EnvironmentsOptions;
  readonly #all = new Set<FunctionProcess>();
  /** The one that became idle last stands last. */
  #idle: FunctionProcess[] = [];
  #waiting: Waiter[] = [];
  readonly #culler: NodeJS.Timeout;
  #closed = false;

  constructor(options: EnvironmentsOptions) {
    this.#options = options;
    this.#culler = setInterval(() => this.#cull(), Math.max(options.idleMs / 4, 50));
    this.#culler.unref();
  }

  get all(): ReadonlySet<FunctionProcess> {
    return this.#all;
  }

  /** Undefined when the pool closes first. */
  acquire(fn: FunctionModel): Promise<Acquired | undefined> {
    return new Promise((take) => {
      if (this.#closed) return take(undefined);
      this.#waiting.push({ fn, take });
      this.#serve();
    });
  }

  release(process: FunctionProcess): void {
    if (!process.usable) return;
    process.idleSince = performance.now();
    this.#idle.push(process);
    this.#serve();
  }

  /** Forgets a process that ended. */
  remove(process: FunctionProcess): void {
    this.#all.delete(process);
    this.#idle = this.#idle.filter((one) => one !== process);
    this.#serve();
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#culler);
    for (const waiter of this.#waiting.splice(0)) waiter.take(undefined);
    for (const process of this.#all) process.kill();
  }

  #serve(): void {
    this.#waiting = this.#waiting.filter((waiter) => {
      const acquired = this.#reuse(waiter.fn) ?? this.#create(waiter.fn);
      if (acquired !== undefined) waiter.take(acquired);
      return acquired === undefined;
    });
  }

  #reuse(fn: FunctionModel): Acquired | undefined {
    const at = this.#idle.findLastIndex((process) => process.fn.name === fn.name);
    const [process] = at < 0 ? [] : this.#idle.splice(at, 1);
    return process && { process, cold: false };
  }

  #create(fn: FunctionModel): Acquired | undefined {
    if (this.#all.size >= this.#options.maxProcesses && !this.#makeRoom()) return undefined;
    const process = this.#options.spawn(fn);
    this.#all.add(process);
    return { process, cold: true };
  }

  #makeRoom(): boolean {
    const [oldest] = this.#idle;
    if (oldest !== undefined) this.#retire(oldest);
    return oldest !== undefined;
  }

  #cull(): void {
    const limit = performance.now() - this.#options.idleMs;
    for (const process of this.#idle.filter((one) => one.idleSince < limit)) this.#retire(process);
  }

  #retire(process: FunctionProcess): void {
    this.#all.delete(process);
    this.#idle = this.#idle.filter((one) => one !== process);
    process.kill();
  }
}
