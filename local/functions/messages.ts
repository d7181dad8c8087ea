/** What host and function process say to each other over the IPC channel. Events travel as the JSON text Lambda would send. */

export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

export interface Invocation {
  readonly requestId: string;
  /** JSON text of the event. */
  readonly event: string;
  readonly functionArn: string;
  readonly timeoutMs: number;
  readonly clockOffset: number;
  readonly traceId: string;
}

export interface InvocationReport {
  readonly requestId: string;
  /** JSON text of the handler's answer; absent when it failed. */
  readonly payload?: string;
  readonly error?: FunctionError;
  readonly cpuMs: number;
  readonly maxMemoryMb: number;
}

export type ToProcess =
  | ({ readonly type: "invoke" } & Invocation)
  | { readonly type: "clock"; readonly clockOffset: number };

export type FromProcess =
  | { readonly type: "ready"; readonly importMs: number }
  /** The process cannot go on and exits: the import failed, or something was thrown that nobody caught. */
  | { readonly type: "fatal"; readonly error: FunctionError }
  | ({ readonly type: "result" } & InvocationReport);
