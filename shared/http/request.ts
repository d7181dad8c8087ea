import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { type $ZodIssue, type $ZodType, config, type output, safeParse } from "zod/v4/core";
import en from "zod/v4/locales/en.js";
import { DomainError, type Violation } from "../errors.ts";
import type { Caller } from "./reply.ts";

// zod/mini brings no wording of its own: without this every violation reads "Invalid input".
config(en());

/** A request whose parts have been parsed by the route's schemas. */
export interface Request<Params = unknown, Query = unknown, Body = unknown> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly rawBody: Buffer;
  readonly sourceIp: string;
  readonly correlationId: string;
  /** Undefined on routes without a JWT. */
  readonly caller: Caller | undefined;
}

/** The raw body's bytes, whichever way the gateway passed them. */
export function rawBodyOf(event: APIGatewayProxyEventV2): Buffer {
  return Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8");
}

/** How deep JSON may nest: far beyond any real payload, far below what exhausts a stack. */
const maximumJsonDepth = 32;

/**
 * Parses JSON from outside.
 *
 * @throws DomainError malformed_json for what is not UTF-8 JSON or nests too deep.
 */
export function parseJson(raw: Buffer): unknown {
  const text = decodeUtf8(raw);
  if (nestingOf(text) > maximumJsonDepth) {
    throw new DomainError(
      "malformed_json",
      `The body nests deeper than ${maximumJsonDepth} levels. Send a flatter document.`,
    );
  }
  try {
    return JSON.parse(text, refusePrototypeKeys);
  } catch (cause) {
    if (cause instanceof DomainError) throw cause;
    const reason = cause instanceof Error ? cause.message : "unreadable";
    throw new DomainError("malformed_json", `The body cannot be read as JSON: ${reason}.`, { cause });
  }
}

/**
 * Bytes as text.
 *
 * @throws DomainError malformed_json when they are not UTF-8.
 */
export function decodeUtf8(raw: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(raw);
  } catch (cause) {
    throw new DomainError("malformed_json", "The body is not UTF-8 text.", { cause });
  }
}

function refusePrototypeKeys(this: unknown, key: string, value: unknown): unknown {
  if (key === "__proto__" || key === "constructor" || key === "prototype") {
    throw new DomainError("malformed_json", `The body has a member named "${key}", which is never accepted.`);
  }
  return value;
}

function nestingOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (inString) {
      if (character === 92) at++;
      else if (character === 34) inString = false;
    } else if (character === 34) inString = true;
    else if (character === 91 || character === 123) deepest = Math.max(deepest, ++depth);
    else if (character === 93 || character === 125) depth--;
  }
  return deepest;
}

/**
 * A part of a request by its schema.
 *
 * @param place leads the pointers of the violations: `` for the body, `/query`, `/path`, `/headers`.
 * @throws DomainError invalid_input that lists every violation.
 */
export function parsePart<Schema extends $ZodType>(schema: Schema, value: unknown, place: string): output<Schema> {
  const parsed = safeParse(schema, value);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map((issue) => violationOf(issue, place));
  throw new DomainError("invalid_input", sentenceOf(errors), { errors });
}

function violationOf(issue: $ZodIssue, place: string): Violation {
  const path = issue.path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
  return { pointer: `${place}${path}`, message: issue.message, code: issue.code };
}

function sentenceOf(errors: readonly Violation[]): string {
  const [first] = errors;
  const where =
    first === undefined ? "" : ` First: ${first.pointer === "" ? "the body" : first.pointer}: ${first.message}.`;
  return `${errors.length === 1 ? "One value is" : `${errors.length} values are`} not as the route wants.${where}`;
}
