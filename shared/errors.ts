/** One thing that is wrong with an input: where (RFC 6901 pointer), what, and a code that programs can test. */
export interface Violation {
  readonly pointer: string;
  readonly message: string;
  readonly code: string;
}

/**
 * Codes of domain errors. `shared/http/problems.ts` maps each to its HTTP status and title.
 */
export type ErrorCode =
  | "invalid_input"
  | "malformed_json"
  | "unsupported_media_type"
  | "payload_too_large"
  | "not_found"
  | "method_not_allowed"
  | "unauthorized"
  | "forbidden"
  | "origin_not_allowed"
  | "rate_limited"
  | "idempotency_key_reused"
  | "version_conflict"
  | "already_exists"
  | "consent_withdrawn"
  | "in_use"
  | "invalid_token";

/** An expected failure: bad input, a missing record, a conflict. Anything else that is thrown is a fault. */
export class DomainError extends Error {
  readonly code: ErrorCode;
  readonly errors: readonly Violation[];
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: ErrorCode,
    detail: string,
    options: { errors?: readonly Violation[]; retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super(detail, { cause: options.cause });
    this.name = "DomainError";
    this.code = code;
    this.errors = options.errors ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}
