import * as z from "zod";
import { consentPolicies, domainBoundsSchema, topicsSchema, weekStarts } from "../shared/runtime/environments.ts";

const text = z.string().trim().min(1);
const domain = z.hostname().refine((value) => value.includes("."), "not a domain, such as shop.example.com");
const timeZone = z
  .string()
  .refine(
    (value) => value === "UTC" || Intl.supportedValuesOf("timeZone").includes(value),
    "not an IANA time zone, such as Europe/Berlin",
  );
const currency = z
  .string()
  .refine((value) => Intl.supportedValuesOf("currency").includes(value), "not an ISO 4217 currency, such as EUR");
const sender = z
  .string()
  .regex(/^[^<>"\r\n]+ <[^<>\s]+@[^<>\s]+>$/, "not of the form: Name <address@domain>")
  .refine((value) => z.email().safeParse(addressOf(value)).success, "its address is not valid");

/** A console may run without TLS on the developer's own machine only. */
const consoleUrl = z
  .url({ protocol: /^https?$/ })
  .refine((value) => value.startsWith("https://") || /^http:\/\/(localhost|127\.0\.0\.1)(:|\/|$)/.test(value), {
    error: "must be https (http is for localhost)",
  });

export const configSchema = z
  .strictObject({
    stage: z.string().regex(/^[a-z][a-z0-9]{1,11}$/, "2 to 12 small letters and digits: it is part of resource names"),
    /** What the company calls itself in mails and on pages. */
    accountName: text,
    /** Marketing mail must carry it. */
    postalAddress: text,
    /** The domain that mail comes from. */
    domain,
    /** `Name <address>`: the From of every mail, at `domain`. */
    sender,
    /** `create` makes the SES identity of `domain`; `existing` uses the one that the AWS account has already. */
    sesIdentity: z.enum(["create", "existing"]),
    /** Days, weeks and months of the KPIs begin at midnight of this zone, and the digest is sent by it. */
    timeZone,
    /** The day that a week of the KPIs begins with, and the month that a fiscal year does; quarters follow (docs/guides/kpis.md). */
    weekStart: z.enum(weekStarts).default("monday"),
    fiscalYearStart: z.int().min(1).max(12).default(1),
    currency,
    /** The managers: who gets the digest. */
    owners: z.array(z.strictObject({ name: text, email: z.email() })).min(1, "name at least one manager"),
    /** Who hears of alarms and of the budget. */
    operatorEmail: z.email(),
    /** A month's AWS bill beyond which the operator is warned. */
    budgetDollars: z.number().positive(),
    digestHour: z.int().min(0).max(23),
    /**
     * Where else the console is reached than at the staff API's own address, such as `https://crm.example.com/console`
     * where a domain of one's own stands before it: sign-in returns there, and the staff API admits its origin.
     */
    consoleUrls: z.array(consoleUrl).default([]),
    /** Base of the links in mails, where a domain of one's own stands before the public API. */
    publicUrl: z.url({ protocol: /^https$/ }).optional(),
    /** What SES allows the account (its console: "Sending limits"). Mail is held back below it, and nothing fails. */
    sending: z.strictObject({
      perSecond: z.int().min(1),
      perDay: z.int().min(1),
      /**
       * Marketing mails a minute to one recipient domain, for a sender that mailboxes do not know yet: `{ "gmail.com": 60 }`;
       * `*` is every other domain. What finds no room waits. None: no bound (docs/guides/deliverability-checklist.md).
       */
      marketingPerMinute: z._default(domainBoundsSchema, {}),
    }),
    /** Local hours between which marketing waits: from 21 until 8. The same hour twice means never. */
    quietHours: z
      .strictObject({ from: z.int().min(0).max(23), until: z.int().min(0).max(23) })
      .default({ from: 21, until: 8 }),
    /** How much marketing one contact gets at most; answers and transactional mail do not count. */
    frequencyCap: z
      .strictObject({ mails: z.int().min(1), days: z.int().min(1).max(30), gapHours: z.int().min(0).max(168) })
      .default({ mails: 3, days: 7, gapHours: 20 }),
    /** Whether shops and webhook endpoints on the machine itself may be called, without TLS: to try them without a shop. */
    localShops: z.boolean().default(false),
    /** `country`: what the law of a contact's country lets suffice besides consent suffices (shared/consent/policy.ts). No legal advice. */
    consentPolicy: z.enum(consentPolicies).default("subscribed"),
    /** What marketing mail is about, as people choose it in the preference centre; none: all or nothing. */
    topics: z._default(topicsSchema, []),
    /** How many days after a person's click an order is credited to the mail, and how long those held out are watched. */
    attributionDays: z.int().min(1).max(30).default(5),
    /** What a thousand mails cost, in the currency above, where no cost of a campaign is entered: SES's fee and AWS's share. */
    mailCostPerThousand: z.number().nonnegative().default(0.13),
    /** Another OpenID Connect issuer in place of the Cognito user pool. */
    openId: z
      .strictObject({
        issuer: z.url({ protocol: /^https$/ }),
        audience: text,
        /** Its public client for the console (code flow with PKCE), if that is not the audience. */
        clientId: text.optional(),
        /** Origin of its token endpoint, if that is not the issuer's. */
        tokenOrigin: z.url({ protocol: /^https$/ }).optional(),
      })
      .optional(),
    /** After a restore: the table that all functions use in place of the one that the Data stack made. */
    restoredTable: z
      .strictObject({
        name: z.string().regex(/^[\w.-]{3,255}$/),
        streamArn: z.string().regex(/^arn:[\w-]+:dynamodb:.+\/stream\/.+$/),
      })
      .optional(),
  })
  .superRefine((config, context) => {
    if (config.localShops && keepsData(config)) {
      context.addIssue({ code: "custom", path: ["localShops"], message: "is for the stage dev alone" });
    }
    const host = addressOf(config.sender).split("@").at(-1);
    if (host !== config.domain) {
      context.addIssue({
        code: "custom",
        path: ["sender"],
        message: `its address must be at the domain ${config.domain}, or receivers will refuse the mail`,
      });
    }
  });

export type Config = z.infer<typeof configSchema>;

/** How the periods of KPIs begin, as functions find it in their environment. */
export function calendarOf({ timeZone, weekStart, fiscalYearStart }: Config) {
  return { TIME_ZONE: timeZone, WEEK_START: weekStart, FISCAL_YEAR_START: String(fiscalYearStart) };
}

/** When and how often marketing may reach a contact, as functions find it beside `TIME_ZONE`. */
export function sendingRulesOf({ quietHours, frequencyCap, consentPolicy }: Config) {
  return {
    QUIET_FROM: String(quietHours.from),
    QUIET_UNTIL: String(quietHours.until),
    CAP_MAILS: String(frequencyCap.mails),
    CAP_DAYS: String(frequencyCap.days),
    CAP_GAP_HOURS: String(frequencyCap.gapHours),
    CONSENT_POLICY: consentPolicy,
  };
}

/** The address in `Name <address>`. */
export function addressOf(mailbox: string): string {
  return /<([^<>]*)>$/.exec(mailbox)?.[1] ?? "";
}

/** Every stage but `dev` holds what must not be lost. */
export function keepsData(config: Pick<Config, "stage">): boolean {
  return config.stage !== "dev";
}
