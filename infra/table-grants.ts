import type { TableGrant } from "./function-settings.ts";

/** The items that stages read one by one. */
const stageReads = [
  "CONTACT#*",
  "IDENTITY#*",
  "ADDRESS#*",
  "SEGMENT#*",
  "JOURNEY#*",
  "PROGRESS#*",
  "ANON#*",
  "CARTS#*",
  "ORDER#*",
  "CENSUS",
  "CUSTOMERS",
  "STAGERULES",
  "KPIS",
  "SECRET#refusals",
  "REFUSAL#*",
  "PRIVACY#*",
  "ANSWERS#*",
  "DIGESTS",
  "ACTIONS#*",
  "REVIEW#*",
] as const;

/** What the stages do, whichever function runs them. */
export const stages: readonly TableGrant[] = [
  { actions: ["BatchGetItem"], leadingKeys: ["SEGMENT#*", "PRODUCT#*"] },
  { actions: ["Query"], leadingKeys: ["JOURNEYS", "SEGMENTS"], on: "gsi1" },
  { actions: ["GetItem"], leadingKeys: stageReads },
  { actions: ["Query"], leadingKeys: ["CONTACT#*", "ANON#*", "SOURCES", "FEEDBACK#*"] },
  {
    actions: ["PutItem"],
    leadingKeys: [
      "CONTACT#*",
      "IDENTITY#*",
      "ADDRESS#*",
      "ORDER#*",
      "KPI#*",
      "FUNNEL#*",
      "PIPELINE#*",
      "RESULT#*",
      "DUE#*",
      "PROGRESS#*",
      "ANON#*",
      "IMPORTS#*",
      "CARTS#*",
      "BASKET#*",
      "REFUSAL#*",
      "SECRET#refusals",
      "PRIVACY#*",
      "ANSWERS#*",
      "FEEDBACK#*",
      "DIGESTS",
      "ACTIONS#*",
    ],
  },
  { actions: ["UpdateItem"], leadingKeys: ["INTAKE#*", "DIRTY*"] },
  { actions: ["PutItem"], leadingKeys: ["TASK#*"] },
  { actions: ["DeleteItem"], leadingKeys: ["KPI#*", "CARTS#*"] },
  // The guard counts bounces beside the account's rate.
  { actions: ["Query", "PutItem"], leadingKeys: ["RATE#ses"] },
];

/** Where many records run their stages side by side, reads travel together. */
export const gatheringStages: readonly TableGrant[] = [
  ...stages,
  { actions: ["BatchGetItem"], leadingKeys: stageReads },
];

/** What counting KPIs anew needs. */
export const rollUp: readonly TableGrant[] = [
  { actions: ["GetItem"], leadingKeys: ["KPIS"] },
  { actions: ["Query"], leadingKeys: ["KPI#*", "DIRTY", "SNAPSHOT#*", "RATES"] },
  { actions: ["BatchGetItem", "PutItem"], leadingKeys: ["SNAPSHOT#*"] },
  { actions: ["UpdateItem"], leadingKeys: ["DIRTY"] },
];
