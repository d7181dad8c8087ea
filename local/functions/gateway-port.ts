import type { FunctionModel } from "../assembly/model.ts";
import type { Credentials } from "../interfaces.ts";

/** What the pool needs of the gateway. */
export interface GatewayPort {
  readonly url: string;
  issue(fn: FunctionModel): Credentials;
  revoke(accessKeyId: string): void;
  begin(accessKeyId: string, context: { route: string; requestId: string }): void;
  end(accessKeyId: string): void;
  onCrash(listener: (accessKeyId: string) => void): void;
  readonly meter: {
    invocation(invocation: InvocationMeasure): void;
    logBytes(functionName: string, bytes: number): void;
  };
}

export interface InvocationMeasure {
  readonly function: string;
  readonly route: string;
  readonly durationMs: number;
  readonly cpuMs: number;
  readonly memoryMb: number;
  readonly coldStart: boolean;
  /** Time to start the process and import the bundle; billed by AWS too. Only for a cold start. */
  readonly initMs?: number;
}
