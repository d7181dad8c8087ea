import * as z from "zod";
import type { Running } from "../host.ts";
import { parseDuration } from "./duration.ts";

export interface ControlRequest {
  readonly host: Running;
  /** What stood in the place of `{…}` in the path. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Parsed JSON; undefined when the body is empty. */
  readonly body: unknown;
}

/** One thing that the control endpoint can do; the help page is made from these. */
export interface ControlRoute {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Below `/_local`, with `{name}` for parameters. */
  readonly path: string;
  readonly summary: string;
  /** Body, as an example. */
  readonly example?: unknown;
  /** The answer as JSON, or as it is when it is a Response. */
  handle(request: ControlRequest): unknown;
}

/** A request that cannot be answered; its message is shown. */
export class ControlError extends Error {
  override readonly name = "ControlError";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Parses a body, or answers 400 with what is wrong with it. */
export function parse<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new ControlError(400, `The body does not fit: ${z.prettifyError(parsed.error)}`);
}

/** Milliseconds, written as `25h` or as a number. */
export const duration = z.union([z.number().min(0), z.string()]).transform((value, context) => {
  const ms = typeof value === "number" ? value : parseDuration(value);
  if (ms !== undefined) return ms;
  context.addIssue({ code: "custom", message: `"${value}" is not a time such as 25h, 90s or 1d12h` });
  return z.NEVER;
});
