import type { DomainError } from "../errors.ts";
import { problemOf } from "./problems.ts";
import type { Reply } from "./reply.ts";

/** A problem document as a handler's own answer, for routes whose errors carry headers of their own. */
export function problemReply(
  error: DomainError,
  occasion: { readonly instance: string; readonly correlationId: string },
  headers: Readonly<Record<string, string>> = {},
): Reply {
  const body = problemOf(error, occasion);
  return {
    status: body.status,
    body,
    headers: {
      "content-type": "application/problem+json",
      ...(error.retryAfterSeconds !== undefined && { "retry-after": String(error.retryAfterSeconds) }),
      ...headers,
    },
  };
}
