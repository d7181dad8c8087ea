import { DomainError } from "../errors.ts";

/**
 * The client's key of a request: the same key again is the same request.
 *
 * @throws DomainError invalid_input when it is missing or too short to be unique.
 */
export function requireIdempotencyKey(header: string | undefined): string {
  if (header !== undefined && /^[\x21-\x7e]{16,255}$/.test(header)) return header;
  throw new DomainError("invalid_input", "Send an Idempotency-Key of 16 to 255 printable characters.", {
    errors: [{ pointer: "/headers/idempotency-key", message: "16 to 255 printable characters", code: "invalid" }],
  });
}
