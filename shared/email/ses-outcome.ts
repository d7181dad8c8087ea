import type { SendOutcome } from "./ledger.ts";

/** A rate or a quota, or sending is paused: it passes, but not at once. */
const later = /throttl|TooManyRequests|LimitExceeded|SendingPaused|Maximum sending rate|quota exceeded/i;
const never =
  /^(InvalidParameterValue|InvalidParameter|InvalidParameterCombination|ValidationError|ValidationException)$/;
/** Refusals by status that may yet have had an effect. */
const ambiguous = /^RequestTimeout/;
/** The request never left this machine. */
const unreached =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|CredentialsProviderError|DEPTH_ZERO_SELF_SIGNED_CERT|CERT_HAS_EXPIRED)$/;

interface Signs {
  readonly names: readonly string[];
  readonly message: string;
  readonly status: number | undefined;
}

/**
 * Reads an error of `SendRawEmail`, called without the SDK's retries. Only a refusal that surely had no effect counts as
 * one; anything else leaves the mail's fate unknown. The reason never holds SES's message, which may quote addresses.
 */
export function outcomeOfError(error: unknown): SendOutcome {
  const { names, message, status } = signsOf(error);
  const name = names[0] ?? "unreadable error";
  if (names.some((sign) => unreached.test(sign))) return { kind: "refused", retry: "later", reason: name };
  if (status === undefined || status >= 500 || names.some((sign) => ambiguous.test(sign))) {
    return { kind: "unknown", reason: name };
  }
  if (status < 400) return { kind: "unknown", reason: name };
  if (status === 429 || names.some((sign) => later.test(sign)) || later.test(message)) {
    return { kind: "refused", retry: "later", reason: /quota/i.test(message) ? `${name}: daily quota` : name };
  }
  return { kind: "refused", retry: names.some((sign) => never.test(sign)) ? "never" : "soon", reason: name };
}

function signsOf(error: unknown): Signs {
  if (!(error instanceof Error)) return { names: [], message: "", status: undefined };
  const names = [error.name, ...codesOf(error), ...codesOf(error.cause)];
  return { names, message: error.message, status: statusOf(error) };
}

function codesOf(error: unknown): string[] {
  if (error === null || typeof error !== "object" || !("code" in error)) return [];
  return typeof error.code === "string" ? [error.code] : [];
}

function statusOf(error: object): number | undefined {
  if (!("$metadata" in error) || error.$metadata === null || typeof error.$metadata !== "object") return undefined;
  const { $metadata } = error;
  return "httpStatusCode" in $metadata && typeof $metadata.httpStatusCode === "number"
    ? $metadata.httpStatusCode
    : undefined;
}
