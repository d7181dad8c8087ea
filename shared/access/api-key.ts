import { createHash } from "node:crypto";
import * as z from "zod/mini";

/** `track`: a server or a shop, trusted with orders. `write`: public, in the pages of a site; it can only append. */
const scope = z.enum(["messages", "track", "write"]);
export type Scope = z.infer<typeof scope>;

const name = z
  .string()
  .check(z.regex(/^[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}$/, "letters, digits, spaces, full stops, _ and - (60 at most)"));
const scopes = z.array(scope).check(
  z.minLength(1),
  z.refine((list) => new Set(list).size === list.length, "a scope is there twice"),
  z.refine((list) => !list.includes("write") || list.length === 1, "a public key has the scope write alone"),
);
/** The sites whose pages may use a public key, such as `https://www.example.com`; without it any may. */
const origins = z.optional(
  z
    .array(
      z
        .string()
        .check(z.refine((text) => URL.parse(text)?.origin === text, "an origin, such as https://www.example.com")),
    )
    .check(z.minLength(1), z.maxLength(20)),
);

/** What an administrator asks for. The name is the source of what arrives by the key: a new key of the same name is the same source. */
export const apiKeyRequestSchema = z.strictObject({ name, scopes, origins });
export type ApiKeyRequest = z.infer<typeof apiKeyRequestSchema>;

export const apiKeyReplySchema = z.object({ id: z.string(), secret: z.string(), name, scopes, origins });

/** A key as the table keeps it: never its secret. */
export const apiKeySchema = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(scope),
  origins: z.optional(z.array(z.string())),
  createdAt: z.string(),
});
export type ApiKey = z.infer<typeof apiKeySchema>;

/** The hash under which a secret is kept, which is the key's id. The secret has 256 random bits, so a plain hash suffices. */
export function apiKeyIdOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/**
 * The secret in an `Authorization` header: `Basic base64(secret:)`, as Segment's sources send it, or `Bearer secret`.
 *
 * @returns undefined when there is none.
 */
export function secretOf(authorization: string | undefined): string | undefined {
  const [, scheme, credentials] = /^(basic|bearer) +([\w+/=.~-]{1,500})$/i.exec(authorization?.trim() ?? "") ?? [];
  if (scheme === undefined || credentials === undefined) return undefined;
  if (scheme.toLowerCase() === "bearer") return credentials;
  const secret = Buffer.from(credentials, "base64").toString("utf8").split(":", 1)[0];
  return secret === "" ? undefined : secret;
}
