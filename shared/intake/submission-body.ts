import { DomainError, type Violation } from "../errors.ts";
import { type Entries, violation } from "../forms/submission.ts";
import { decodeUtf8, parseJson } from "../http/request.ts";
import { repeatedMembers } from "./json-members.ts";

/** The largest body that the door takes, in bytes. */
export const largestBody = 65_536;

/** @throws DomainError payload_too_large. */
export function requireSize(body: Buffer): void {
  if (body.length <= largestBody) return;
  throw new DomainError("payload_too_large", `The body has ${body.length} bytes; at most ${largestBody} are taken.`);
}

/** The media type of a `Content-Type` header, without its parameters. */
export function mediaTypeOf(contentType: string | undefined): string {
  return (contentType ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

/**
 * What a body says, as names and raw values.
 *
 * @throws DomainError unsupported_media_type, malformed_json, or invalid_input for a name that is there twice or a file.
 */
export async function readBody(body: Buffer, contentType: string | undefined): Promise<Entries> {
  const type = mediaTypeOf(contentType);
  if (type === "application/json") return jsonEntries(body);
  if (type === "application/x-www-form-urlencoded") return formEntries(new URLSearchParams(body.toString("utf8")));
  if (type === "multipart/form-data") return formEntries(await multipart(body, contentType ?? ""));
  throw new DomainError(
    "unsupported_media_type",
    "Send application/json, application/x-www-form-urlencoded or multipart/form-data.",
  );
}

function jsonEntries(body: Buffer): Entries {
  const parsed = parseJson(body);
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw refused([{ pointer: "", code: "invalid_type", message: "the body is not a JSON object" }]);
  }
  const repeated = repeatedMembers(decodeUtf8(body));
  if (repeated.length > 0) throw refused(repeated.map(duplicate));
  const { page, ...members } = { page: undefined, ...parsed };
  return new Map([...pageEntries(page), ...Object.entries(members)]);
}

/** `page: { url, referrer, utm_source, … }` says the same as the names of an HTML form. */
function pageEntries(page: unknown): [string, unknown][] {
  if (typeof page !== "object" || page === null) return [];
  return Object.entries(page)
    .map(([name, value]): [string, unknown] => [name === "url" || name === "referrer" ? `_${name}` : name, value])
    .filter(([name]) => name === "_url" || name === "_referrer" || name.startsWith("utm_"));
}

async function multipart(body: Buffer, contentType: string): Promise<FormData> {
  try {
    return await new Response(new Uint8Array(body), { headers: { "content-type": contentType } }).formData();
  } catch (cause) {
    const message = "the body cannot be read as multipart/form-data";
    throw new DomainError("invalid_input", `Nothing was stored: ${message}.`, {
      errors: [{ pointer: "", code: "malformed_multipart", message }],
      cause,
    });
  }
}

function formEntries(posted: FormData | URLSearchParams): Entries {
  const entries = new Map<string, unknown>();
  const violations: Violation[] = [];
  for (const [name, value] of posted) {
    if (typeof value !== "string") {
      // What a browser sends for a file input that was left empty.
      if (value.size === 0 && value.name === "") continue;
      violations.push(violation(name, "file_not_accepted", "this form takes no files"));
    } else if (entries.has(name)) violations.push(duplicate(name));
    else entries.set(name, value);
  }
  if (violations.length > 0) throw refused(violations);
  return entries;
}

function duplicate(name: string): Violation {
  return violation(name, "duplicate_field", `"${name.slice(0, 60).toWellFormed()}" is there more than once`);
}

/** Some of very many violations are as good as all. */
const mostViolations = 50;

/** The refusal of a post that does not fit its form. */
export function refused(violations: readonly Violation[]): DomainError {
  const [first] = violations;
  return new DomainError(
    "invalid_input",
    `Nothing was stored: ${first?.message ?? "the post does not fit the form"}.`,
    {
      errors: violations.slice(0, mostViolations),
    },
  );
}
