import * as z from "zod/mini";
import { DomainError } from "../errors.ts";
import { isNumeric } from "../outbound/public-address.ts";
import { heldSecretsSchema, oldSecretHoursSchema } from "../secrets/exchange.ts";
import { endpointIdSchema } from "./endpoint-id.ts";

/** Where we tell others what happened, as the table keeps it: never its secret. */
export const endpointSchema = z.object({
  id: endpointIdSchema,
  url: z.string(),
  description: z.string(),
  /** `gone`: it answered 410, and gets nothing until it is enabled again. */
  state: z.enum(["enabled", "disabled", "gone"]),
  updatedAt: z.string(),
});
export type Endpoint = z.infer<typeof endpointSchema>;

/** What an administrator says of an endpoint. */
export const endpointRequestSchema = z.strictObject({
  url: z.string().check(z.maxLength(2000)),
  description: z._default(z.string().check(z.maxLength(200)), ""),
  state: z._default(z.enum(["enabled", "disabled"]), "enabled"),
  /** Without it, the one given before stays. */
  secret: z.optional(
    z.string().check(
      z.maxLength(100),
      z.refine((secret) => {
        const bytes = keyOf(secret)?.length ?? 0;
        return bytes >= 24 && bytes <= 64;
      }, "whsec_ and 24 to 64 random bytes in base64: echo whsec_$(openssl rand -base64 32)"),
    ),
  ),
  oldSecretHours: oldSecretHoursSchema,
});
export type EndpointRequest = z.infer<typeof endpointRequestSchema>;

/** What Secrets Manager holds for an endpoint. */
export const endpointSecretsSchema = z.object({ secrets: heldSecretsSchema });
export type EndpointSecrets = z.infer<typeof endpointSecretsSchema>;

/** The bytes of a secret; undefined for what is none. */
export function keyOf(secret: string): Buffer | undefined {
  const [, base64] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? [];
  return base64 === undefined ? undefined : Buffer.from(base64, "base64");
}

/** Names that lead nowhere but inside, whatever a name server says. */
const innerNames = /(^|\.)(localhost|local|internal|localdomain|home\.arpa)\.?$/;

/** Whether an endpoint may be called there: by HTTPS, by a name of the public network, at the port of HTTPS. */
export function isCallable(url: URL, { localReceivers }: { readonly localReceivers: boolean }): boolean {
  if (isLocal(url, { localReceivers })) return true;
  const { protocol, hostname, port } = url;
  return (
    protocol === "https:" && port === "" && hostname.includes(".") && !isNumeric(url) && !innerNames.test(hostname)
  );
}

/** Whether it is on this very machine, where that is allowed. */
export function isLocal(url: URL, { localReceivers }: { readonly localReceivers: boolean }): boolean {
  return localReceivers && url.protocol === "http:" && url.hostname === "127.0.0.1";
}

/**
 * The address of an endpoint, as we keep it.
 *
 * @throws DomainError invalid_input for one that we would not call.
 */
export function endpointUrl(given: string, options: { readonly localReceivers: boolean }): string {
  const url = URL.parse(given);
  if (url === null || !isCallable(url, options) || url.username !== "" || url.password !== "" || url.hash !== "") {
    const message = "an https address of a name on the public network, without a port, a user or a #";
    throw new DomainError("invalid_input", `The webhook endpoint was not kept: its url must be ${message}.`, {
      errors: [{ pointer: "/url", message: `must be ${message}`, code: "invalid_url" }],
    });
  }
  return url.href;
}
