import * as z from "zod/mini";
import { consentPolicies } from "../consent/policy.ts";
import { topicsSchema } from "../consent/topics.ts";
import { domainBoundsSchema } from "../email/domain-rate.ts";
import { weekStarts } from "../kpis/period.ts";

export { consentPolicies, domainBoundsSchema, topicsSchema, weekStarts };

/**
 * What each function finds in its environment. The function parses it once at start;
 * the CDK construct of the function is typed by the same schema, so a missing variable does not compile.
 */

const text = z.string().check(z.minLength(1));
const url = z.url();
const email = z.email();
const timeZone = z
  .string()
  .check(
    z.refine((value) => Intl.supportedValuesOf("timeZone").includes(value) || value === "UTC", "not an IANA time zone"),
  );
/** A variable that holds JSON. */
function json<Schema extends z.ZodMiniType>(schema: Schema, what: string) {
  return z.pipe(
    z.string(),
    z.transform((value: string, context): z.output<Schema> => {
      try {
        return schema.parse(JSON.parse(value));
      } catch (cause) {
        context.issues.push({ code: "custom", message: `not ${what}: ${String(cause)}`, input: value });
        return z.NEVER;
      }
    }),
  );
}

/** Who gets the digest, and the alarms of KPIs that nobody owns. */
const managers = json(z.array(z.object({ name: text, email })), "a JSON list of { name, email }");
/** What the account's marketing is about. */
const topics = json(topicsSchema, "a JSON list of { id, name, description? }");

/** Marketing mails a minute to a recipient's domain. */
const domainBounds = json(domainBoundsSchema, "a JSON object of mails a minute by domain");

/** Path of the sources' or the webhook endpoints' secrets in Secrets Manager, without a slash at its end. */
const secretPath = z.string().check(z.regex(/^[\w/-]+[\w]$/));

/** Whether shops and webhook endpoints on this machine may be called, without TLS: on a developer's own machine only. */
const localShops = z._default(z.enum(["yes", "no"]), "no");

const consentPolicy = z.enum(consentPolicies);
/** How the periods of KPIs begin: their zone, the first day of a week and the first month of a fiscal year. */
const calendar = {
  TIME_ZONE: timeZone,
  WEEK_START: z.enum(weekStarts),
  FISCAL_YEAR_START: z.coerce.number<string>().check(z.int(), z.gte(1), z.lte(12)),
};

const count = z.coerce.number<string>().check(z.int(), z.gte(1));
const hours = z.coerce.number<string>().check(z.int(), z.gte(0));
const hourOfDay = z.coerce.number<string>().check(z.int(), z.gte(0), z.lte(23));

/** When and how often marketing may reach a contact. */
const sendingRules = {
  /** Local hours from and until which it waits; the same twice means never. */
  QUIET_FROM: hourOfDay,
  QUIET_UNTIL: hourOfDay,
  /** Mails to one contact: so many in so many days, and hours between two. */
  CAP_MAILS: count,
  CAP_DAYS: count,
  CAP_GAP_HOURS: hours,
  CONSENT_POLICY: consentPolicy,
};

const base = z.object({ TABLE_NAME: text, LOG_LEVEL: z._default(z.enum(["DEBUG", "INFO", "WARN", "ERROR"]), "INFO") });

export const environments = {
  intake: z.extend(base, { PUBLIC_NAME: text, POSTAL_ADDRESS: text }),
  pages: z.extend(base, { PUBLIC_NAME: text, POSTAL_ADDRESS: text, TOPICS: topics }),
  messages: base,
  webhooks: z.extend(base, { SOURCE_SECRETS: secretPath }),
  templates: z.extend(base, { PUBLIC_NAME: text, POSTAL_ADDRESS: text, MANAGERS: managers, TOPICS: topics }),
  console: z.extend(base, {
    PUBLIC_NAME: text,
    /** Who signs the staff in: an OpenID Connect issuer, and its public client for the console. */
    ISSUER: url,
    CLIENT_ID: text,
    /** Origin of the issuer's token endpoint, if that is another. */
    TOKEN_ORIGIN: z.optional(url),
  }),
  staff: z.extend(base, {
    /** Base of the links that staff hand out, without a slash at its end. */
    PUBLIC_URL: url,
    PUBLIC_NAME: text,
    POSTAL_ADDRESS: text,
    ...calendar,
    ...sendingRules,
    SOURCE_SECRETS: secretPath,
    WEBHOOK_SECRETS: secretPath,
    LOCAL_SHOPS: localShops,
    TOPICS: topics,
    CURRENCY: text,
    ATTRIBUTION_DAYS: count,
    /** In the currency itself, not in its minor units. */
    MAIL_COST_PER_THOUSAND: z.coerce.number<string>().check(z.gte(0)),
  }),
  privacy: base,
  digests: z.extend(base, { ...calendar, PUBLIC_URL: url, PUBLIC_NAME: text, CURRENCY: text }),
  "table-stream": z.extend(base, {
    TIME_ZONE: timeZone,
    ATTRIBUTION_DAYS: count,
    MAIL_QUEUE_URL: url,
    JOURNEYS_QUEUE_URL: url,
    SEGMENTS_QUEUE_URL: url,
    CONNECTORS_QUEUE_URL: url,
    BROADCASTS_QUEUE_URL: url,
    ERASURES_QUEUE_URL: url,
    WEBHOOKS_OUT_QUEUE_URL: url,
    KPI_HISTORY_QUEUE_URL: url,
    STREAM_RETRY_QUEUE_URL: url,
  }),
  "stream-retry": z.extend(base, {
    TIME_ZONE: timeZone,
    ATTRIBUTION_DAYS: count,
    MAIL_QUEUE_URL: url,
    JOURNEYS_QUEUE_URL: url,
    SEGMENTS_QUEUE_URL: url,
    CONNECTORS_QUEUE_URL: url,
    BROADCASTS_QUEUE_URL: url,
    ERASURES_QUEUE_URL: url,
    WEBHOOKS_OUT_QUEUE_URL: url,
    KPI_HISTORY_QUEUE_URL: url,
  }),
  segments: base,
  connectors: z.extend(base, { SOURCE_SECRETS: secretPath, LOCAL_SHOPS: localShops }),
  broadcasts: z.extend(base, { MAIL_QUEUE_URL: url, SES_PER_SECOND: count }),
  erasures: base,
  "webhooks-out": z.extend(base, { WEBHOOK_SECRETS: secretPath, LOCAL_SHOPS: localShops }),
  journeys: z.extend(base, { TIME_ZONE: timeZone }),
  mail: z.extend(base, {
    /** `Name <address>`: the From of every mail. */
    SENDER: text,
    CONFIGURATION_SET: text,
    /** Base of the links in mails, without a slash at its end. */
    PUBLIC_URL: url,
    PUBLIC_NAME: text,
    POSTAL_ADDRESS: text,
    /** What SES allows the account; the functions together stay below it. */
    SES_PER_SECOND: count,
    SES_PER_DAY: count,
    MARKETING_PER_MINUTE: domainBounds,
    TIME_ZONE: timeZone,
    ...sendingRules,
  }),
  "ses-events": base,
  "due-sweep": z.extend(base, {
    MAIL_QUEUE_URL: url,
    JOURNEYS_QUEUE_URL: url,
    SEGMENTS_QUEUE_URL: url,
    BROADCASTS_QUEUE_URL: url,
    CONNECTORS_QUEUE_URL: url,
    ERASURES_QUEUE_URL: url,
    WEBHOOKS_OUT_QUEUE_URL: url,
  }),
  reconciliation: base,
  recommendations: base,
  "customer-models": base,
  "kpi-history": z.extend(base, { ...calendar, CURRENCY: text }),
  "kpi-roll-up": z.extend(base, { ...calendar, CURRENCY: text, MAIL_QUEUE_URL: url, MANAGERS: managers }),
  digest: z.extend(base, {
    ...calendar,
    CURRENCY: text,
    PUBLIC_NAME: text,
    PUBLIC_URL: url,
    MAIL_QUEUE_URL: url,
    MANAGERS: managers,
    /** Of the managers' own digests, by the account's clock. */
    DIGEST_HOUR: hourOfDay,
  }),
} as const;

export type FunctionName = keyof typeof environments;
export type Environment<Name extends FunctionName> = z.output<(typeof environments)[Name]>;
export type EnvironmentInput<Name extends FunctionName> = z.input<(typeof environments)[Name]>;
