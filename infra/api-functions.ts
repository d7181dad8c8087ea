import type { FunctionName } from "../shared/runtime/environments.ts";
import type { FunctionSettings } from "./function-settings.ts";

/** Functions that answer requests. */
export const apiFunctions = {
  intake: {
    entry: "functions/api/intake.ts",
    memoryMb: 512,
    timeoutSeconds: 10,
    reason: "A third of a vCPU parses and hashes 64 KB in milliseconds; a form's sender does not wait beyond 10 s.",
    table: [
      { actions: ["GetItem"], leadingKeys: ["FORM#*", "APIKEY#*"] },
      { actions: ["PutItem"], leadingKeys: ["INTAKE#*"] },
      { actions: ["UpdateItem"], leadingKeys: ["RATE#*"] },
    ],
  },
  pages: {
    entry: "functions/api/pages.ts",
    memoryMb: 512,
    timeoutSeconds: 10,
    reason: "Renders small HTML pages; a reader does not wait beyond 10 s.",
    table: [
      { actions: ["GetItem"], leadingKeys: ["FORM#*", "SECRET#tokens", "SURVEY#*"] },
      { actions: ["PutItem"], leadingKeys: ["INTAKE#*"] },
      { actions: ["UpdateItem"], leadingKeys: ["RATE#*"] },
    ],
  },
  messages: {
    entry: "functions/api/messages.ts",
    memoryMb: 512,
    timeoutSeconds: 10,
    reason: "Looks a template up and keeps one item; a shop's checkout waits for it.",
    table: [
      { actions: ["GetItem"], leadingKeys: ["APIKEY#*"] },
      { actions: ["Query"], leadingKeys: ["TEMPLATE#*"] },
      { actions: ["PutItem"], leadingKeys: ["INTAKE#*"] },
    ],
  },
  webhooks: {
    entry: "functions/api/webhooks.ts",
    memoryMb: 512,
    timeoutSeconds: 10,
    reason:
      "Hashes and parses up to 1 MB in milliseconds; Shopify waits 5 s for an answer, and sends again without one.",
    table: [
      { actions: ["GetItem", "UpdateItem"], leadingKeys: ["SOURCES"] },
      { actions: ["PutItem"], leadingKeys: ["INTAKE#*", "PRODUCT#*"] },
    ],
    sourceSecrets: ["GetSecretValue"],
  },
  staff: {
    entry: "functions/api/staff.ts",
    memoryMb: 512,
    timeoutSeconds: 29,
    // Liquid renders a simulation's mails here and costs 0.1 MB of code; MJML stays with the templates function.
    reason: "One second below the 30 s of the HTTP API, so that the caller gets the function's own problem document.",
    table: [
      {
        actions: ["GetItem"],
        leadingKeys: [
          "CONTACT#*",
          "IDENTITY#*",
          "FORM#*",
          "SEGMENT#*",
          "JOURNEY#*",
          "CAMPAIGN#*",
          "ADDRESS#*",
          "TARGET",
          "TARGET#*",
          "CENSUS",
          "CUSTOMERS",
          "BROADCAST#*",
          "COSTS",
          // The links of surveys are signed.
          "SECRET#tokens",
          "KPIS",
          "THEMES",
          "SURVEY#*",
        ],
      },
      { actions: ["BatchGetItem"], leadingKeys: ["CONTACT#*", "SEGMENT#*", "RECOMMENDATIONS", "ADDRESS#*"] },
      {
        actions: ["Query"],
        leadingKeys: [
          "CONTACT#*",
          "SNAPSHOT#*",
          "RESULTDAYS#*",
          "PROGRESS#*",
          "TARGET",
          "TARGET#*",
          "TEMPLATE#*",
          "CARTS#*",
          "COSTS",
          "ANSWERS#*",
          // How much of a KPI's history is still to be counted.
          "DIRTY",
          "FEEDBACK#*",
        ],
      },
      {
        actions: ["Query"],
        leadingKeys: ["CONTACTS#*", "SEGMENTS", "SEGMENT#*", "JOURNEYS", "SUPPRESSIONS", "BROADCASTS", "SURVEYS"],
        on: "gsi1",
      },
      {
        actions: ["PutItem"],
        leadingKeys: [
          "FORM#*",
          "APIKEY#*",
          "SEGMENT#*",
          "JOURNEY#*",
          "CAMPAIGN#*",
          "TARGET",
          "TARGET#*",
          "DUE#*",
          "BROADCAST#*",
          "COSTS",
          "SURVEY#*",
          "SECRET#tokens",
          "KPIS",
          "THEMES",
        ],
      },
      { actions: ["GetItem", "Query", "PutItem"], leadingKeys: ["RATES"] },
      { actions: ["GetItem", "Query", "PutItem"], leadingKeys: ["SOURCES", "IMPORTS#*", "ENDPOINTS"] },
      // Suppressions are lifted, and the sending guard is opened again.
      { actions: ["DeleteItem"], leadingKeys: ["ADDRESS#*"] },
      { actions: ["Query", "PutItem"], leadingKeys: ["RATE#ses"] },
      { actions: ["PutItem"], leadingKeys: ["CONTACT#*", "INTAKE#*"] },
      { actions: ["GetItem", "BatchGetItem", "PutItem"], leadingKeys: ["TASK#*"] },
      { actions: ["GetItem", "PutItem"], leadingKeys: ["STAGERULES"] },
      { actions: ["GetItem"], leadingKeys: ["FUNNELS", "PIPELINE"] },
      { actions: ["Query", "PutItem"], leadingKeys: ["ALARMS"] },
      { actions: ["Query"], leadingKeys: ["TASKS#*", "ACTIONS#*"], on: "gsi1" },
      // What a customer said lately, which may put them at risk.
      { actions: ["Query"], leadingKeys: ["CONTACT#*"], on: "gsi1" },
      { actions: ["BatchGetItem"], leadingKeys: ["ANSWERS#*", "FEEDBACK#*"] },
      { actions: ["GetItem", "BatchGetItem", "Query", "PutItem"], leadingKeys: ["ACTIONS#*"] },
      { actions: ["GetItem", "Query", "PutItem"], leadingKeys: ["REVIEWS"] },
      { actions: ["GetItem"], leadingKeys: ["REVIEW#*"] },
    ],
    sourceSecrets: ["GetSecretValue", "PutSecretValue", "CreateSecret"],
    webhookSecrets: ["GetSecretValue", "PutSecretValue", "CreateSecret"],
  },
  templates: {
    entry: "functions/api/templates.ts",
    memoryMb: 1024,
    timeoutSeconds: 29,
    reason: "MJML is 3.5 MB of code and wants CPU; apart from the staff function, whose start it would double.",
    table: [
      { actions: ["GetItem"], leadingKeys: ["CONTACT#*", "BROADCAST#*", "SURVEY#*"] },
      { actions: ["Query"], leadingKeys: ["TEMPLATE#*"] },
      { actions: ["Query"], leadingKeys: ["TEMPLATES"], on: "gsi1" },
      { actions: ["PutItem"], leadingKeys: ["TEMPLATE#*", "DUE#*"] },
    ],
  },
  digests: {
    entry: "functions/api/digests.ts",
    memoryMb: 1024,
    timeoutSeconds: 29,
    reason: "Draws trend pictures, which want CPU; apart from the staff function for its renderer and font.",
    table: [
      // The link to stop is signed, and the mail on demand a due item.
      { actions: ["GetItem"], leadingKeys: ["DIGESTS", "KPIS", "SECRET#tokens"] },
      { actions: ["Query"], leadingKeys: ["DIGESTS", "SNAPSHOT#*", "TARGET", "TARGET#*", "ALARMS"] },
      { actions: ["PutItem"], leadingKeys: ["DIGESTS", "SECRET#tokens", "DUE#*"] },
    ],
  },
  console: {
    entry: "functions/api/console.ts",
    browser: ["web/console.ts", "web/console.css"],
    memoryMb: 256,
    timeoutSeconds: 10,
    reason:
      "Hands out three small files that are part of its own code; apart from all data, since everybody may call it.",
    table: [],
  },
  privacy: {
    entry: "functions/api/privacy.ts",
    memoryMb: 512,
    timeoutSeconds: 29,
    reason: "Apart from the staff function, since it alone may read all that is held on a person.",
    table: [
      { actions: ["GetItem", "BatchGetItem", "PutItem"], leadingKeys: ["CONTACT#*", "PRIVACY#*"] },
      { actions: ["Query"], leadingKeys: ["ERASURES", "LATE#*", "PRIVACY"], on: "gsi1" },
      // The export.
      { actions: ["Query"], leadingKeys: ["CONTACT#*"], on: "gsi1" },
      { actions: ["Query"], leadingKeys: ["CONTACT#*", "ADDRESS#*"] },
      {
        actions: ["BatchGetItem"],
        leadingKeys: ["IDENTITY#*", "ADDRESS#*", "ANON#*", "DUE#*", "TASK#*", "INTAKE#*", "ANSWERS#*", "FEEDBACK#*"],
      },
    ],
  },
} as const satisfies Partial<Record<FunctionName, FunctionSettings>>;
