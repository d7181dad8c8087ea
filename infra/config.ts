import { type Config, configSchema } from "./config-schema.ts";

/** What marketing mail is about, as people choose it in the preference centre. */
const topics = [
  { id: "newsletter", name: "Newsletter", description: "What is new, and what is worth reading." },
  { id: "offers", name: "Offers and reminders", description: "Offers, and a word about a basket that you left." },
  { id: "product", name: "About what you bought", description: "Tips and questions after an order." },
];

/**
 * Everything about a deployment that is a choice of its owner. Nothing here is secret.
 * `cdk deploy -c stage=prod` deploys the stage of that name; the default is `dev`.
 */
const stages = {
  dev: {
    accountName: "Example Shop",
    postalAddress: "1 Harbour Street, New York, NY 10001, USA",
    domain: "example.com",
    sender: "Example Shop <hello@example.com>",
    sesIdentity: "create",
    timeZone: "America/New_York",
    currency: "USD",
    owners: [{ name: "Morgan Manager", email: "manager@example.com" }],
    operatorEmail: "operator@example.com",
    budgetDollars: 10,
    digestHour: 8,
    // A laptop has no SES behind it, and its clock is set at will: examples must not depend on the hour.
    sending: { perSecond: 500, perDay: 1_000_000 },
    quietHours: { from: 0, until: 0 },
    // And shops to try connectors with run beside it.
    localShops: true,
    topics,
  },
  prod: {
    accountName: "Example Shop",
    postalAddress: "1 Harbour Street, New York, NY 10001, USA",
    domain: "example.com",
    sender: "Example Shop <hello@example.com>",
    sesIdentity: "existing",
    timeZone: "America/New_York",
    currency: "USD",
    owners: [{ name: "Morgan Manager", email: "manager@example.com" }],
    operatorEmail: "operator@example.com",
    budgetDollars: 50,
    digestHour: 8,
    sending: {
      perSecond: 14,
      perDay: 50_000,
      // For a domain that mailboxes do not know yet; the deliverability checklist says when to raise it and take it out.
      marketingPerMinute: { "gmail.com": 60, "outlook.com": 60, "hotmail.com": 60, "yahoo.com": 60, "icloud.com": 60 },
    },
    topics,
  },
} as const;

/**
 * The configuration of a stage, checked.
 *
 * @throws Error whose message names the stage and each value that is missing or wrong.
 */
export function loadConfig(stage: string): Config {
  const entry = Object.entries(stages).find(([name]) => name === stage);
  if (entry === undefined) {
    throw new Error(
      `There is no stage "${stage}" in infra/config.ts; the stages are: ${Object.keys(stages).join(", ")}.`,
    );
  }
  return parseConfig(stage, entry[1]);
}

/** Checks the values of one stage. */
export function parseConfig(stage: string, values: object): Config {
  const parsed = configSchema.safeParse({ stage, ...values });
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `  ${issue.path.join(".") || "(stage)"}: ${issue.message}`);
    throw new Error(`The configuration of stage "${stage}" in infra/config.ts is wrong:\n${lines.join("\n")}`);
  }
  return parsed.data;
}
