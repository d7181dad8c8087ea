import type { InvocationResult } from "../interfaces.ts";
import { isPlainObject } from "./pattern-operators.ts";

/**
 * The identifiers that a function reports as failed, as Lambda reads `batchItemFailures`:
 * nothing, null or an empty list is a full success; anything malformed or unknown fails the whole batch ("all").
 */
export function failedItems(payload: unknown, identifiers: readonly string[]): ReadonlySet<string> | "all" {
  if (payload === undefined || payload === null) return new Set();
  if (!isPlainObject(payload)) return payload === "" ? new Set() : "all";
  const failures = payload.batchItemFailures;
  if (failures === undefined || failures === null) return new Set();
  if (!Array.isArray(failures)) return "all";
  const known = new Set(identifiers);
  const failed = new Set<string>();
  for (const failure of failures) {
    const identifier: unknown = isPlainObject(failure) ? failure.itemIdentifier : undefined;
    if (typeof identifier !== "string" || !known.has(identifier)) return "all";
    failed.add(identifier);
  }
  return failed;
}

/** Which of a batch failed; a failed invocation fails all of it. */
export function failedOf(
  result: InvocationResult,
  identifiers: readonly string[],
  reports: boolean,
): ReadonlySet<string> {
  if (result.error) return new Set(identifiers);
  const failed = reports ? failedItems(result.payload, identifiers) : new Set<string>();
  return failed === "all" ? new Set(identifiers) : failed;
}
