import { DomainError } from "../errors.ts";
import { decodeUtf8 } from "../http/request.ts";

/** Names that would reach into JavaScript's own objects. A sender's free-form metadata may hold them: they are left out. */
const dropped: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/**
 * Parses JSON without losing a digit: an integer beyond 2^53, which senders use as an id, becomes the text of its digits.
 *
 * @throws DomainError malformed_json for what is not UTF-8 JSON.
 */
export function parseExactJson(raw: Buffer): unknown {
  const text = decodeUtf8(raw);
  try {
    return JSON.parse(text, exact);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : "unreadable";
    throw new DomainError("malformed_json", `The body cannot be read as JSON: ${reason}.`, { cause });
  }
}

/** The third argument is ECMAScript's "JSON.parse source text access", which the compiler's library does not know yet. */
function exact(key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (dropped.has(key)) return undefined;
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? "";
  return /^-?\d+$/.test(source) ? source : value;
}
