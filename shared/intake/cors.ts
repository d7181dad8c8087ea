import { DomainError } from "../errors.ts";
import type { Form } from "../forms/form.ts";

type Headers = Readonly<Record<string, string | undefined>>;

/** The CORS headers of a form's answers, errors included; none for an origin that may not post. */
export function corsHeaders(form: Form, { origin }: Headers): Record<string, string> {
  if (origin === undefined) return {};
  if (form.origins.includes("*")) return { "access-control-allow-origin": "*" };
  return form.origins.includes(origin) ? { "access-control-allow-origin": origin, vary: "origin" } : { vary: "origin" };
}

/** What a preflight is answered besides: what may be sent, and for how long the browser may remember it. */
export const preflightHeaders = {
  "access-control-allow-methods": "POST",
  "access-control-allow-headers": "content-type, idempotency-key",
  "access-control-max-age": "600",
} as const;

/**
 * Lets through posts of servers (no `Origin`), of listed sites, and of our own hosted page.
 *
 * @throws DomainError origin_not_allowed.
 */
export function requireOrigin(form: Form, { origin, host }: Headers): void {
  if (origin === undefined || form.origins.includes("*") || form.origins.includes(origin)) return;
  if (URL.canParse(origin) && new URL(origin).host === host) return;
  throw new DomainError(
    "origin_not_allowed",
    `The form ${form.id} does not list ${origin.slice(0, 100)} among its origins.`,
  );
}
