import { DomainError } from "../errors.ts";

/** A sort key as the opaque `cursor` of a list's next page. */
export function encodeCursor(sortKey: string): string {
  return Buffer.from(sortKey, "utf8").toString("base64url");
}

/**
 * The sort key behind a cursor.
 *
 * @param pattern what such a sort key looks like, so that a forged cursor reads nothing
 * @throws DomainError invalid_input for a cursor that we did not make.
 */
export function decodeCursor(cursor: string, pattern: RegExp): string {
  const sortKey = Buffer.from(cursor, "base64url").toString("utf8");
  if (encodeCursor(sortKey) === cursor && pattern.test(sortKey)) return sortKey;
  const message = "not a cursor of this list; leave it out to start at the first page";
  throw new DomainError("invalid_input", `The cursor is ${message}.`, {
    errors: [{ pointer: "/query/cursor", message, code: "invalid_cursor" }],
  });
}
