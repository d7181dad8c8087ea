import { DomainError } from "../errors.ts";

/**
 * The version that a change was made from, as `If-Match: "3"` says it.
 *
 * @returns undefined without the header: the caller means to create.
 * @throws DomainError invalid_input for anything else than one version.
 */
export function expectedVersion(header: string | undefined): number | undefined {
  if (header === undefined || header.trim() === "") return undefined;
  const version = /^(?:W\/)?"?(\d{1,15})"?$/.exec(header.trim())?.[1];
  if (version !== undefined) return Number(version);
  const violation = {
    pointer: "/headers/if-match",
    message: `"${header}" is not a version such as "3"`,
    code: "invalid",
  };
  throw new DomainError("invalid_input", 'Send If-Match with the version that you read, such as If-Match: "3".', {
    errors: [violation],
  });
}
