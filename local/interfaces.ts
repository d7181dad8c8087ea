/** The seams between the host's parts; each part is built and tested against these alone. */

/** The host's time. Real time flows on top of an offset that only grows. */
export interface Clock {
  /** Milliseconds since the epoch, on the host's time. */
  now(): number;
  /** Offset to the machine's clock in milliseconds. */
  offset(): number;
  /** Called after each change of the offset. Returns the function that stops it. */
  onChange(listener: (offset: number) => void): () => void;
}

export interface InvocationResult {
  /** What the handler returned, already parsed; undefined when it failed. */
  readonly payload?: unknown;
  readonly error?: {
    readonly kind: "handled" | "timeout" | "crash" | "throttle";
    readonly type: string;
    readonly message: string;
    readonly trace?: readonly string[];
  };
  readonly durationMs: number;
  readonly cpuMs: number;
  readonly coldStart: boolean;
}

export interface Invoker {
  /**
   * Runs one invocation to its end. Never rejects: a failure is a result with `error`.
   * `route` labels the calls that it makes in the meter (`POST /v1/track`, `stream`, `queue:mail`, …).
   */
  invoke(functionName: string, event: unknown, options: { readonly route: string }): Promise<InvocationResult>;
}

/** Credentials that tell the gateway whose call it is. Letters and digits only. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** Delivers an event to EventBridge's default bus, as AWS would publish it. */
export interface EventBus {
  put(event: {
    readonly source: string;
    readonly "detail-type": string;
    readonly resources: readonly string[];
    readonly detail: unknown;
  }): Promise<void>;
}

/** Anything whose work must be at rest before the clock may step. */
export interface Drainable {
  /** True when nothing is due, under way or waiting for a moment that has come. */
  idle(): Promise<boolean>;
  /** What keeps it from rest, as a piece of a sentence. */
  busyWith?(): string;
  /** Grows with each piece of work begun, so that work which came and went between two looks is noticed. */
  activity?(): number;
}
