import { expect, test } from "vitest";
import { outcomeOfError } from "../../../shared/email/ses-outcome.ts";

function sesError(name: string, status?: number, message = "no", more: object = {}): Error {
  return Object.assign(new Error(message), { name, ...(status && { $metadata: { httpStatusCode: status } }), ...more });
}

test.each([
  ["a rejected message", sesError("MessageRejected", 400), "refused soon"],
  ["an unverified sender domain", sesError("MailFromDomainNotVerifiedException", 400), "refused soon"],
  ["a missing configuration set", sesError("ConfigurationSetDoesNotExist", 400), "refused soon"],
  ["a role without the right", sesError("AccessDenied", 403), "refused soon"],
  ["the rate", sesError("Throttling", 400, "Maximum sending rate exceeded."), "refused later"],
  ["the rate, as 429", sesError("Whatever", 429), "refused later"],
  ["the daily quota", sesError("Throttling", 400, "Daily message quota exceeded."), "refused later"],
  ["paused sending", sesError("AccountSendingPausedException", 400), "refused later"],
  ["an illegal value", sesError("InvalidParameterValue", 400), "refused never"],
  ["nobody at the address of SES", sesError("Error", undefined, "", { code: "ECONNREFUSED" }), "refused later"],
  ["no credentials", sesError("CredentialsProviderError"), "refused later"],
  ["a time-out", sesError("TimeoutError"), "unknown"],
  ["a broken connection", sesError("Error", undefined, "", { code: "ECONNRESET" }), "unknown"],
  ["a server error", sesError("ServiceUnavailable", 503), "unknown"],
  ["a time-out that SES reports", sesError("RequestTimeout", 408), "unknown"],
  ["an answer that cannot be read", sesError("SyntaxError", 200), "unknown"],
  ["no error at all", "text", "unknown"],
])("%s is: %3$s", (_, error, expected) => {
  const outcome = outcomeOfError(error);
  expect(outcome.kind === "refused" ? `refused ${outcome.retry}` : outcome.kind).toBe(expected);
});

test("the reason names the quota and never quotes SES, which may name addresses", () => {
  const quota = outcomeOfError(sesError("Throttling", 400, "Daily message quota exceeded for ann@example.com"));
  expect(quota).toEqual({ kind: "refused", retry: "later", reason: "Throttling: daily quota" });
});
