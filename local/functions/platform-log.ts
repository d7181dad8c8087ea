import { loggedBytes } from "../log-bytes.ts";
import type { LogRecord, LogStream } from "./logs.ts";

export interface PlatformReport {
  readonly durationMs: number;
  readonly memoryMb: number;
  readonly maxMemoryMb: number;
  readonly initMs?: number | undefined;
  readonly status?: string | undefined;
}

/** Writes one function's records into the stream and tells the meter how many bytes CloudWatch would have taken in. */
export class FunctionLog {
  readonly #stream: Pick<LogStream, "append">;
  readonly #source: string;
  readonly #now: () => number;
  readonly #onBytes: (bytes: number) => void;
  readonly #takesInfo: boolean;

  constructor(
    stream: Pick<LogStream, "append">,
    source: string,
    now: () => number,
    onBytes: (bytes: number) => void,
    systemLogLevel: "DEBUG" | "INFO" | "WARN" = "INFO",
  ) {
    this.#takesInfo = systemLogLevel !== "WARN";
    this.#stream = stream;
    this.#source = source;
    this.#now = now;
    this.#onBytes = onBytes;
  }

  /** A line as the function wrote it. */
  line(record: LogRecord, line: string): void {
    this.#count(line);
    this.#stream.append(record);
  }

  start(requestId: string): void {
    this.#platform("INFO", `START RequestId: ${requestId} Version: $LATEST`, requestId);
  }

  failed(requestId: string, type: string, message: string, trace: readonly string[]): void {
    const text = `Invoke Error ${JSON.stringify({ errorType: type, errorMessage: message, stack: trace })}`;
    this.#platform("ERROR", text, requestId);
  }

  report(requestId: string, report: PlatformReport): void {
    this.#platform("INFO", `END RequestId: ${requestId}`, requestId);
    const parts = [
      `REPORT RequestId: ${requestId}`,
      `Duration: ${report.durationMs.toFixed(2)} ms`,
      `Billed Duration: ${Math.ceil(report.durationMs + (report.initMs ?? 0))} ms`,
      `Memory Size: ${report.memoryMb} MB`,
      `Max Memory Used: ${report.maxMemoryMb} MB`,
      ...(report.initMs === undefined ? [] : [`Init Duration: ${report.initMs.toFixed(2)} ms`]),
      ...(report.status === undefined ? [] : [`Status: ${report.status}`]),
    ];
    this.#platform("INFO", parts.join("\t"), requestId);
  }

  #platform(level: string, message: string, requestId: string): void {
    // The host's own stream shows the line anyway; CloudWatch bills only what its level lets in.
    if (level !== "INFO" || this.#takesInfo) this.#count(message);
    const time = new Date(this.#now()).toISOString();
    this.#stream.append({ time, source: this.#source, kind: "platform", level, message, requestId });
  }

  #count(line: string): void {
    this.#onBytes(loggedBytes(line));
  }
}
