import type { DomainError, ErrorCode, Violation } from "../errors.ts";

/** The one table from an error's code to what HTTP says of it. */
export const problemTable: Readonly<Record<ErrorCode, { readonly status: number; readonly title: string }>> = {
  malformed_json: { status: 400, title: "The body is not valid JSON" },
  unauthorized: { status: 401, title: "Authentication is missing or wrong" },
  forbidden: { status: 403, title: "This role may not do that" },
  origin_not_allowed: { status: 403, title: "This site may not post to the form" },
  not_found: { status: 404, title: "Not found" },
  invalid_token: { status: 404, title: "The link is not valid" },
  method_not_allowed: { status: 405, title: "Method not allowed" },
  version_conflict: { status: 409, title: "The record has changed meanwhile" },
  already_exists: { status: 409, title: "It exists already" },
  consent_withdrawn: { status: 409, title: "The consent was withdrawn" },
  in_use: { status: 409, title: "Others still use it" },
  payload_too_large: { status: 413, title: "The body is too large" },
  unsupported_media_type: { status: 415, title: "Unsupported media type" },
  invalid_input: { status: 422, title: "The input is not valid" },
  idempotency_key_reused: { status: 422, title: "The idempotency key belongs to another request" },
  rate_limited: { status: 429, title: "Too many requests" },
};

/** RFC 9457 problem details, with the members of our API. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: string;
  readonly correlationId: string;
  readonly errors?: readonly Violation[];
}

interface Occasion {
  readonly instance: string;
  readonly correlationId: string;
}

/** The problem document of an expected failure. */
export function problemOf(error: DomainError, { instance, correlationId }: Occasion): Problem {
  const { status, title } = problemTable[error.code];
  return {
    type: `urn:rapport:problem:${error.code}`,
    title,
    status,
    detail: error.message,
    instance,
    code: error.code,
    correlationId,
    ...(error.errors.length > 0 && { errors: error.errors }),
  };
}

/** The problem document of a fault: it says nothing but the id under which the log tells more. */
export function faultProblem({ instance, correlationId }: Occasion): Problem {
  return {
    type: "urn:rapport:problem:internal_error",
    title: "Something went wrong on our side",
    status: 500,
    detail: `Nothing is known to be lost. Try again; if it stays, name this id to support: ${correlationId}.`,
    instance,
    code: "internal_error",
    correlationId,
  };
}
