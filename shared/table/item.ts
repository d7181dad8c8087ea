import * as z from "zod/mini";

/** Every item names its kind; the stream's filter and its stages choose by it. */
export const itemKinds = [
  "intake",
  "erasedIntake",
  "repeated",
  "identity",
  "contact",
  "lifecycle",
  "erasure",
  "refusal",
  "privacyRequest",
  "event",
  "order",
  "joined",
  "waiting",
  "unknownCart",
  "consent",
  "suppression",
  "run",
  "runProgress",
  "entryCount",
  "journey",
  "journeyVersion",
  "message",
  "due",
  "form",
  "rate",
  "template",
  "cap",
  "softBounces",
  "apiKey",
  "source",
  "webhookEndpoint",
  "ignored",
  "import",
  "secret",
  "kpiEntry",
  "kpiCatalogue",
  "kpiHistory",
  "dirtyDay",
  "mailFacts",
  "credit",
  "orderResult",
  "resultDay",
  "basket",
  "recommendations",
  "campaignCost",
  "cost",
  "snapshot",
  "alarm",
  "alarmLook",
  "pipelineDeal",
  "pipeline",
  "stageRules",
  "funnelEntry",
  "funnel",
  "kpiTarget",
  "kpiTargetVersion",
  "targetShape",
  "segment",
  "membership",
  "segmentClock",
  "task",
  "taskReference",
  "censusShard",
  "cutPoints",
  "customerModel",
  "broadcast",
  "broadcastProgress",
  "survey",
  "surveyAnswer",
] as const;

export type ItemKind = (typeof itemKinds)[number];

/** Kinds whose changes the stream function listens to; the event source filters out the others. */
export const streamedKinds = [
  "intake",
  "waiting",
  "joined",
  "order",
  "event",
  "contact",
  "lifecycle",
  "erasure",
  "privacyRequest",
  "consent",
  "run",
  "message",
  "kpiEntry",
  "mailFacts",
  "credit",
  "orderResult",
  "cost",
  "alarm",
  "segment",
  "membership",
  "source",
  "import",
  "censusShard",
  "cutPoints",
  "broadcast",
  "surveyAnswer",
] as const;

export const keySchema = z.object({ pk: z.string(), sk: z.string() });
export type Key = z.infer<typeof keySchema>;

/** What any item of the table has, whatever its kind. */
export const itemSchema = z.looseObject({ pk: z.string(), sk: z.string(), kind: z.enum(itemKinds) });
export type Item = z.infer<typeof itemSchema>;

/** DynamoDB's time to live wants seconds since the epoch. */
export function expiryAfter(now: Date, days: number): number {
  return Math.floor(now.getTime() / 1000) + Math.round(days * 86_400);
}
