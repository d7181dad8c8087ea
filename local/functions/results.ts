import type { InvocationResult } from "../interfaces.ts";
import type { ProcessEvent } from "./process.ts";

/** Bytes of an event and of an answer that Lambda takes in a synchronous invocation. */
export const REQUEST_LIMIT = 6_291_456;
const RESPONSE_LIMIT = 6_291_556;

type Failure = NonNullable<InvocationResult["error"]>;
export type Outcome = { readonly payload: unknown } | { readonly error: Failure };

/** Lambda's own words for how an invocation ended. */
export function outcomeOf(event: ProcessEvent, requestId: string, timeoutSeconds: number): Outcome {
  switch (event.type) {
    case "result":
      return event.error === undefined
        ? answered(event.payload ?? "null")
        : {
            error: {
              kind: "handled",
              type: event.error.errorType,
              message: event.error.errorMessage,
              trace: event.error.trace,
            },
          };
    case "fatal":
      return {
        error: {
          kind: "crash",
          type: event.error.errorType,
          message: event.error.errorMessage,
          trace: event.error.trace,
        },
      };
    case "timeout":
      return {
        error: {
          kind: "timeout",
          type: "Sandbox.Timedout",
          message: `RequestId: ${requestId} Error: Task timed out after ${timeoutSeconds.toFixed(2)} seconds`,
        },
      };
    case "exit":
      return { error: { kind: "crash", type: "Runtime.ExitError", message: exitMessage(event, requestId) } };
    case "ready":
      throw new Error("a function process announced itself twice");
  }
}

export function throttled(): Failure {
  return { kind: "throttle", type: "TooManyRequestsException", message: "Rate Exceeded." };
}

export function requestTooLarge(bytes: number): Failure {
  return {
    kind: "handled",
    type: "RequestEntityTooLargeException",
    message: `${bytes} byte payload is too large for the RequestResponse invocation type (limit ${REQUEST_LIMIT} bytes)`,
  };
}

export function unknownFunction(name: string): Failure {
  return { kind: "handled", type: "ResourceNotFoundException", message: `Function not found: ${name}` };
}

function answered(payload: string): Outcome {
  const bytes = Buffer.byteLength(payload);
  if (bytes <= RESPONSE_LIMIT) return { payload: JSON.parse(payload) };
  const message = `Response payload size (${bytes} bytes) exceeded maximum allowed payload size (${RESPONSE_LIMIT} bytes).`;
  return { error: { kind: "handled", type: "Function.ResponseSizeTooLarge", message } };
}

function exitMessage({ code, signal }: { code: number | null; signal: string | null }, requestId: string): string {
  const names: Record<string, string> = { SIGKILL: "killed", SIGABRT: "aborted", SIGSEGV: "segmentation fault" };
  if (signal !== null)
    return `RequestId: ${requestId} Error: Runtime exited with error: signal: ${names[signal] ?? signal}`;
  if (code === 0) return `RequestId: ${requestId} Error: Runtime exited without providing a reason`;
  return `RequestId: ${requestId} Error: Runtime exited with error: exit status ${code}`;
}
