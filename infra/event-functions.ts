import type { FunctionName } from "../shared/runtime/environments.ts";
import type { FunctionSettings } from "./function-settings.ts";
import { gatheringStages, rollUp, stages } from "./table-grants.ts";

/** Functions that follow the stream, queues and schedules. */
export const eventFunctions = {
  "table-stream": {
    entry: "functions/stream/table.ts",
    memoryMb: 1024,
    timeoutSeconds: 60,
    reason:
      "Batches of 100 records run their stages side by side, so CPU is worth its price; 60 s bound a throttled batch.",
    table: gatheringStages,
  },
  "stream-retry": {
    entry: "functions/queue/stream-retry.ts",
    memoryMb: 512,
    timeoutSeconds: 30,
    reason: "Few records, ten at a time; no hurry.",
    table: [
      ...stages,
      // It re-reads the item whose stage had failed, which is of any streamed kind.
      {
        actions: ["GetItem"],
        leadingKeys: [
          "INTAKE#*",
          "STAFF#*",
          "KPI#*",
          "RESULT#*",
          "SOURCES",
          "IMPORTS#*",
          "BROADCAST#*",
          "COSTS",
          "RATES",
          "ALARMS",
          "FEEDBACK#*",
          "REVIEWS",
        ],
      },
    ],
  },
  segments: {
    entry: "functions/queue/segments.ts",
    memoryMb: 1024,
    timeoutSeconds: 60,
    reason: "A page of a rebuild evaluates 100 contacts, sixteen at a time, so CPU is worth its price.",
    table: [
      { actions: ["GetItem"], leadingKeys: ["CONTACT#*", "ADDRESS#*", "SEGMENT#*"] },
      { actions: ["BatchGetItem", "UpdateItem"], leadingKeys: ["SEGMENT#*"] },
      { actions: ["BatchGetItem"], leadingKeys: ["CONTACT#*"] },
      { actions: ["GetItem", "Query", "PutItem"], leadingKeys: ["CENSUS"] },
      { actions: ["GetItem"], leadingKeys: ["CUSTOMERS"] },
      { actions: ["Query"], leadingKeys: ["CONTACT#*"] },
      { actions: ["Query"], leadingKeys: ["CONTACTS#*", "SEGMENTS", "SEGMENT#*"], on: "gsi1" },
      { actions: ["PutItem"], leadingKeys: ["CONTACT#*", "DUE#*"] },
    ],
  },
  connectors: {
    entry: "functions/queue/connectors.ts",
    memoryMb: 512,
    timeoutSeconds: 60,
    reason: "A page of 100 orders: the shop may take 20 s to answer, and each fact is a write or two.",
    table: [
      { actions: ["GetItem"], leadingKeys: ["SOURCES", "IMPORTS#*", "ADDRESS#*", "CONTACT#*"] },
      { actions: ["BatchGetItem"], leadingKeys: ["ORDER#*"] },
      { actions: ["PutItem"], leadingKeys: ["INTAKE#*", "IMPORTS#*", "DUE#*"] },
      // Pages of a file that are worked off.
      { actions: ["DeleteItem"], leadingKeys: ["IMPORTS#*"] },
    ],
    sourceSecrets: ["GetSecretValue"],
  },
  broadcasts: {
    entry: "functions/queue/broadcasts.ts",
    memoryMb: 512,
    timeoutSeconds: 60,
    reason: "A page asks for at most 100 mails in batches of ten; counting 100,000 mails takes some seconds.",
    table: [
      { actions: ["GetItem", "UpdateItem"], leadingKeys: ["BROADCAST#*"] },
      { actions: ["Query"], leadingKeys: ["SEGMENT#*"], on: "gsi1" },
      { actions: ["Query"], leadingKeys: ["PROGRESS#broadcast#*"] },
      { actions: ["PutItem"], leadingKeys: ["CONTACT#*", "DUE#*"] },
    ],
  },
  erasures: {
    entry: "functions/queue/erasures.ts",
    memoryMb: 512,
    timeoutSeconds: 60,
    reason: "A pass deletes up to 1,000 items, sixteen at a time: some 10 s.",
    table: [
      { actions: ["Query"], leadingKeys: ["CONTACT#*", "CONTACTS#*"], on: "gsi1" },
      { actions: ["Query"], leadingKeys: ["CONTACT#*", "ADDRESS#*"] },
      {
        actions: ["GetItem"],
        leadingKeys: [
          "CONTACT#*",
          "IDENTITY#*",
          "ADDRESS#*",
          "ANON#*",
          "DUE#*",
          "ANSWERS#*",
          "FEEDBACK#*",
          "SECRET#refusals",
          "REFUSAL#*",
        ],
      },
      { actions: ["PutItem"], leadingKeys: ["CONTACT#*", "PROGRESS#*", "SECRET#refusals", "REFUSAL#*"] },
      // How far the erasure of a shop's own customers has come.
      { actions: ["GetItem", "PutItem"], leadingKeys: ["PRIVACY#*"] },
      { actions: ["UpdateItem"], leadingKeys: ["INTAKE#*"] },
      {
        actions: ["DeleteItem"],
        leadingKeys: ["CONTACT#*", "IDENTITY#*", "ADDRESS#*", "ANON#*", "DUE#*", "TASK#*", "ANSWERS#*", "FEEDBACK#*"],
      },
    ],
  },
  "webhooks-out": {
    entry: "functions/queue/webhooks-out.ts",
    memoryMb: 256,
    timeoutSeconds: 30,
    reason: "Ten calls side by side, each of 10 s at most; it waits for others and computes nothing.",
    table: [
      { actions: ["GetItem", "UpdateItem"], leadingKeys: ["ENDPOINTS"] },
      // Nothing is told of who has been erased.
      { actions: ["GetItem"], leadingKeys: ["CONTACT#*"] },
      { actions: ["PutItem"], leadingKeys: ["CONTACT#*", "DUE#*"] },
    ],
    webhookSecrets: ["GetSecretValue"],
  },
  mail: {
    entry: "functions/queue/mail.ts",
    memoryMb: 512,
    timeoutSeconds: 60,
    reason: "Ten mails in a batch, each some table calls and one SES call of at most a few seconds.",
    table: [
      // Ten mails at once read together.
      {
        actions: ["GetItem", "BatchGetItem"],
        leadingKeys: [
          "CONTACT#*",
          "STAFF#*",
          "ADDRESS#*",
          "SECRET#tokens",
          "JOURNEY#*",
          "BROADCAST#*",
          "SURVEY#*",
          // Where recipient domains have bounds of their own.
          "MAILRATE#*",
        ],
      },
      { actions: ["Query"], leadingKeys: ["TEMPLATE#*", "RATE#ses", "CONTACT#*"] },
      { actions: ["BatchGetItem"], leadingKeys: ["RECOMMENDATIONS"] },
      {
        actions: ["PutItem"],
        leadingKeys: ["CONTACT#*", "STAFF#*", "DUE#*", "SECRET#tokens", "RATE#ses", "MAILRATE#*"],
      },
    ],
  },
  journeys: {
    entry: "functions/queue/journeys.ts",
    memoryMb: 512,
    timeoutSeconds: 30,
    reason: "Ten wake-ups in a batch, each a few reads and one conditional write.",
    table: [
      { actions: ["GetItem"], leadingKeys: ["CONTACT#*", "JOURNEY#*"] },
      { actions: ["Query"], leadingKeys: ["CONTACT#*"] },
      // A version that was just published walks through those whom it concerns already, an archived journey through its runs.
      { actions: ["Query"], leadingKeys: ["CONTACTS#*", "SEGMENT#*", "RUNS#*"], on: "gsi1" },
      { actions: ["PutItem"], leadingKeys: ["CONTACT#*", "DUE#*"] },
    ],
  },
  "ses-events": {
    entry: "functions/queue/ses-events.ts",
    memoryMb: 256,
    timeoutSeconds: 30,
    reason: "Ten events in a batch, a write or two each.",
    table: [{ actions: ["GetItem", "BatchGetItem", "PutItem"], leadingKeys: ["CONTACT#*", "STAFF#*"] }],
  },
  "due-sweep": {
    entry: "functions/schedule/due-sweep.ts",
    memoryMb: 256,
    timeoutSeconds: 55,
    reason: "Ends before the next minute's sweep begins; what is left is found by that one.",
    table: [
      { actions: ["Query", "DeleteItem"], leadingKeys: ["DUE#*"] },
      { actions: ["GetItem", "PutItem"], leadingKeys: ["DUE#SWEPT"] },
    ],
  },
  reconciliation: {
    entry: "functions/schedule/reconciliation.ts",
    memoryMb: 256,
    timeoutSeconds: 30,
    reason: "One write for each connected shop; the comparison itself is the connectors function's.",
    table: [
      { actions: ["Query"], leadingKeys: ["SOURCES"] },
      { actions: ["PutItem"], leadingKeys: ["IMPORTS#*"] },
    ],
  },
  "kpi-history": {
    entry: "functions/queue/kpi-history.ts",
    memoryMb: 1024,
    timeoutSeconds: 120,
    reason: "Reads whole days of entries into memory, one after the other; a page of 500 timelines takes seconds.",
    table: [
      ...rollUp,
      { actions: ["PutItem", "UpdateItem"], leadingKeys: ["KPIS"] },
      { actions: ["UpdateItem"], leadingKeys: ["DIRTY*"] },
      { actions: ["DeleteItem"], leadingKeys: ["DIRTY"] },
      // Events from before a KPI asked for them.
      { actions: ["Query"], leadingKeys: ["CONTACTS#*"], on: "gsi1" },
      { actions: ["Query"], leadingKeys: ["CONTACT#*"] },
      { actions: ["PutItem"], leadingKeys: ["KPI#*"] },
    ],
  },
  "kpi-roll-up": {
    entry: "functions/schedule/kpi-roll-up.ts",
    memoryMb: 1024,
    timeoutSeconds: 300,
    reason: "Reads whole days of entries into memory; hourly, so CPU costs cents.",
    table: [
      ...rollUp,
      { actions: ["PutItem"], leadingKeys: ["KPIS"] },
      { actions: ["UpdateItem"], leadingKeys: ["DIRTY*"] },
      { actions: ["Query"], leadingKeys: ["RESULT#*", "DIRTY#results"] },
      { actions: ["DeleteItem"], leadingKeys: ["DIRTY", "DIRTY#results"] },
      // Owners of targets, and how counts with one come in over a period.
      { actions: ["Query", "PutItem"], leadingKeys: ["TARGET"] },
      { actions: ["GetItem", "PutItem"], leadingKeys: ["RESULTDAYS#*"] },
      { actions: ["Query"], leadingKeys: ["FUNNEL#*", "DIRTY#funnel"] },
      { actions: ["GetItem", "Query", "PutItem"], leadingKeys: ["FUNNELS"] },
      { actions: ["DeleteItem"], leadingKeys: ["DIRTY#funnel"] },
      { actions: ["Query"], leadingKeys: ["PIPELINE#*"] },
      { actions: ["GetItem", "PutItem"], leadingKeys: ["PIPELINE"] },
      // Alarms: what is found of the KPIs is kept, told to their owners, and closed.
      { actions: ["GetItem", "Query", "PutItem", "DeleteItem"], leadingKeys: ["ALARMS"] },
      // Runs that stand still.
      { actions: ["Query"], leadingKeys: ["JOURNEYS", "RUNS#*"], on: "gsi1" },
      { actions: ["GetItem"], leadingKeys: ["JOURNEY#*"] },
      // Reviews are opened with what they look at; owners of actions are reminded, and promises counted.
      { actions: ["GetItem", "Query", "PutItem"], leadingKeys: ["REVIEWS"] },
      { actions: ["PutItem"], leadingKeys: ["REVIEW#*", "KPI#*"] },
      { actions: ["GetItem"], leadingKeys: ["THEMES"] },
      { actions: ["Query"], leadingKeys: ["FEEDBACK#*"] },
      { actions: ["Query", "BatchGetItem"], leadingKeys: ["ACTIONS#*"] },
      { actions: ["Query"], leadingKeys: ["ACTIONS#*"], on: "gsi1" },
    ],
  },
  recommendations: {
    entry: "functions/schedule/recommendations.ts",
    memoryMb: 1024,
    timeoutSeconds: 300,
    reason: "Holds a year of orders' products in memory; once a night.",
    table: [
      { actions: ["Query"], leadingKeys: ["BASKET#*", "RECOMMENDATIONS"] },
      { actions: ["PutItem"], leadingKeys: ["RECOMMENDATIONS"] },
    ],
  },
  "customer-models": {
    entry: "functions/schedule/customer-models.ts",
    memoryMb: 1769,
    timeoutSeconds: 300,
    reason: "A whole vCPU fits the models of 100,000 customers in some 10 s, after a read of each; once a night.",
    table: [
      { actions: ["GetItem", "PutItem"], leadingKeys: ["CUSTOMERS"] },
      { actions: ["BatchGetItem"], leadingKeys: ["CONTACT#*"] },
      { actions: ["Query"], leadingKeys: ["CONTACTS#*"], on: "gsi1" },
    ],
  },
  digest: {
    entry: "functions/schedule/digest.ts",
    memoryMb: 1024,
    timeoutSeconds: 300,
    reason: "Rolls up first, then draws the trend pictures, which want CPU; an hour without digests is one Query.",
    table: [
      ...rollUp,
      { actions: ["Query"], leadingKeys: ["DIGESTS", "TARGET", "TARGET#*", "ALARMS"] },
      // The link to stop is signed.
      { actions: ["GetItem"], leadingKeys: ["SECRET#tokens"] },
      { actions: ["PutItem"], leadingKeys: ["DIGESTS", "SECRET#tokens"] },
    ],
  },
} as const satisfies Partial<Record<FunctionName, FunctionSettings>>;
