import type { Invocation, InvocationReport } from "../messages.ts";
import { createContext } from "./context.ts";
import { describeError } from "./errors.ts";
import type { Handler } from "./handler.ts";

const MICROSECONDS = 1_000;

/** Runs the handler once; whatever it throws becomes part of the report. */
export async function runHandler(handler: Handler, invocation: Invocation): Promise<InvocationReport> {
  const before = process.cpuUsage();
  const outcome = await attempt(handler, invocation);
  const used = process.cpuUsage(before);
  return {
    requestId: invocation.requestId,
    ...outcome,
    cpuMs: (used.user + used.system) / MICROSECONDS,
    maxMemoryMb: Math.ceil(process.resourceUsage().maxRSS / 1024),
  };
}

async function attempt(handler: Handler, invocation: Invocation): Promise<Pick<InvocationReport, "payload" | "error">> {
  try {
    const answer = await call(handler, JSON.parse(invocation.event), createContext(invocation));
    return { payload: JSON.stringify(answer) ?? "null" };
  } catch (error) {
    return { error: describeError(error) };
  }
}

/** A handler answers through the promise that it returns or through its third argument. */
function call(handler: Handler, event: unknown, context: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const callback = (error: unknown, result?: unknown) => (error ? reject(error) : resolve(result));
    const returned = handler(event, context, callback);
    if (isThenable(returned)) Promise.resolve(returned).then(resolve, reject);
    else if (handler.length < 3) resolve(returned);
  });
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
