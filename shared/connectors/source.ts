import * as z from "zod/mini";
import { exchanged, heldSecretsSchema, oldSecretHoursSchema } from "../secrets/exchange.ts";
import { connectorNameSchema } from "./connectors.ts";

/** The name of a source: part of its webhooks' address, and the `source` of the events that come by it. */
export const sourceNameSchema = z
  .string()
  .check(z.regex(/^[a-z0-9][a-z0-9-]{0,39}$/, "small letters, digits and - (40 at most)"));

/** A shop or a payment service that sends us webhooks, as the table keeps it: never its secret. */
export const sourceSchema = z.object({
  source: sourceNameSchema,
  connector: connectorNameSchema,
  /** False once the sender said that it was removed there. */
  connected: z.boolean(),
  connectedAt: z.string(),
  disconnectedAt: z.optional(z.string()),
  /** Where its API is asked for orders, without a slash at its end; absent where it only sends. */
  address: z.optional(z.string()),
});
export type Source = z.infer<typeof sourceSchema>;

/** What an administrator says of a source. */
export const sourceRequestSchema = z.strictObject({
  connector: connectorNameSchema,
  secret: z
    .string()
    .check(z.minLength(8), z.maxLength(200), z.regex(/^[\x21-\x7e]+$/, "letters, digits and signs, without spaces")),
  /** How long the secret that was there before still verifies, so that nothing is lost while it is exchanged. */
  oldSecretHours: oldSecretHoursSchema,
  /** Its API, for reading orders. Without it, what was given before stays. */
  api: z.optional(
    z.strictObject({
      address: z.string().check(z.maxLength(200)),
      key: z.string().check(z.maxLength(300)),
    }),
  ),
});
export type SourceRequest = z.infer<typeof sourceRequestSchema>;

/** What Secrets Manager holds for a source: the newest secret first. */
export const sourceSecretsSchema = z.object({
  connector: connectorNameSchema,
  secrets: heldSecretsSchema,
  /** Of the shop's API. */
  apiKey: z.optional(z.string()),
});
export type SourceSecrets = z.infer<typeof sourceSecretsSchema>;

/** The secrets after a new one was given: it verifies for good, the others until their time is over. */
export function withNewSecret(held: SourceSecrets | undefined, request: SourceRequest, now: Date): SourceSecrets {
  const { connector, secret, oldSecretHours, api } = request;
  const same = held?.connector === connector ? held : undefined;
  const apiKey = api?.key ?? same?.apiKey;
  return {
    connector,
    secrets: exchanged(same?.secrets ?? [], { secret, oldSecretHours }, now),
    ...(apiKey !== undefined && { apiKey }),
  };
}
