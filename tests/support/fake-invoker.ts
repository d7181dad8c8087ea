import type { InvocationResult, Invoker } from "../../local/interfaces.ts";

export interface Invocation {
  readonly functionName: string;
  readonly event: unknown;
  readonly route: string;
}

export interface FakeInvoker extends Invoker {
  readonly calls: Invocation[];
}

const RAN = { durationMs: 1, cpuMs: 1, coldStart: false } as const;

/** Runs `handler` in place of a function: what it returns is the payload, what it throws a handled error. */
export function createFakeInvoker(handler: (event: never, call: number) => unknown = () => undefined): FakeInvoker {
  const calls: Invocation[] = [];
  return {
    calls,
    async invoke(functionName, event, { route }): Promise<InvocationResult> {
      calls.push({ functionName, event, route });
      try {
        // The test knows the shape of the event that it provokes.
        return { payload: await handler(event as never, calls.length), ...RAN };
      } catch (error) {
        if (error instanceof Throttled)
          return { error: { kind: "throttle", type: "TooManyRequests", message: "" }, ...RAN };
        return { error: { kind: "handled", type: "Error", message: String(error) }, ...RAN };
      }
    },
  };
}

export class Throttled extends Error {}
