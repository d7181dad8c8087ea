import { setTimeout as delay } from "node:timers/promises";
import type { Drainable } from "../interfaces.ts";

export interface EventSource extends Drainable {
  /** Something was written: look at once. */
  poke(): void;
  /** The next instant, on the host's time, at which something here falls due by itself; undefined when nothing will. */
  nextDue?(): Promise<number | undefined>;
  /** The function that it feeds, for those that can be switched. */
  readonly feeds?: string;
  /** Switches the mapping on or off, as `Enabled` does on AWS; what waits meanwhile waits, and disturbs no rest. */
  setEnabled?(enabled: boolean): void;
  close(): Promise<void>;
}

export interface LogLine {
  readonly level: "info" | "warn" | "error";
  /** Who speaks, such as `stream → projector`. */
  readonly source: string;
  readonly message: string;
}

export type Log = (line: LogLine) => void;

/** Doubling waits from `firstMs`, never above `mostMs`. `attempt` counts from 1. */
export function backoffMs(attempt: number, firstMs: number, mostMs: number): number {
  return Math.min(mostMs, firstMs * 2 ** Math.min(attempt - 1, 20));
}

/** Real time passes; ends early, without an error, when the signal is given. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await delay(ms, undefined, signal ? { signal } : {}).catch(() => undefined);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** `arn:aws:sqs:region:account:name` and its like, taken apart. */
export function parseArn(arn: string): { service: string; region: string; account: string; resource: string } {
  const [, , service = "", region = "", account = "", ...resource] = arn.split(":");
  return { service, region, account, resource: resource.join(":") };
}
