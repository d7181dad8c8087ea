import * as z from "zod/mini";
import type { Contact } from "../contacts/contact.ts";
import { purchasesIn } from "../contacts/purchase-rules.ts";
import { moneySchema } from "../intake/money.ts";
import { type CutPoints, recencyScore } from "../segments/cut-points.ts";
import { lateTimes, overdueAt } from "../segments/rhythm.ts";
import { engagedDays, fewestMails, likelyGone } from "../segments/shipped.ts";
import { activeProbability, expectedPurchases } from "./activity-model.ts";
import { type BuyerSpend, type CustomerModel, spendOf } from "./customer-model.ts";
import { dayOf, historyOf } from "./purchase-history.ts";
import { expectedSpend } from "./spend-model.ts";

/** Why a customer is at risk. */
export const riskReasons = ["likelyGone", "late", "decliningEngagement", "negativeFeedback"] as const;
export type RiskReason = (typeof riskReasons)[number];

/** The same for people. */
const reasonWords: Readonly<Record<RiskReason, string>> = {
  likelyGone: "More likely gone than not, by the customer model.",
  late: `Late against their own rhythm: ${lateTimes} times their mean gap between orders has passed since the last one.`,
  decliningEngagement: `Opened or clicked mails once, but none of at least ${fewestMails} within ${engagedDays} days.`,
  negativeFeedback: `Gave a low score or few stars, or spoke of discontent, within ${engagedDays} days.`,
};

/** What is to be expected of a customer, and whence that is known. */
export const predictionSchema = z.object({
  /** `model`: fitted on the account's own customers. `rfm`: by the recency score, while they are too few. */
  source: z.enum(["model", "rfm"]),
  /** When the models were fitted. */
  modelAt: z.nullable(z.iso.datetime()),
  /** The probability that the customer is still active, 0 to 1. */
  active: z.number(),
  /** Days with purchases, and net revenue, to expect over 12 months; the latter only of who buys in one currency. */
  purchases12m: z.number(),
  value12m: z.nullable(moneySchema),
  atRisk: z.boolean(),
  reasons: z.array(z.enum(riskReasons)),
  /** The reasons in words. */
  explanation: z.array(z.string()),
});
export type Prediction = z.infer<typeof predictionSchema>;

const dayMilliseconds = 86_400_000;
const yearWeeks = 365 / 7;
/** While customers are few: how probably one is active, by the recency score from 1 to 5. */
const activeByRecency = [0.1, 0.3, 0.5, 0.7, 0.9] as const;

/** What a prediction rests on beside the contact. */
export interface PredictionFacts {
  readonly model: CustomerModel | undefined;
  /** For the recency score; absent while customers are few. */
  readonly cutPoints: CutPoints | undefined;
  /** Mails sent to the contact since `engagementSince`, counted up to `fewestMails`. */
  readonly mailsSent: number;
  /** Whether the contact has spoken of discontent, or given a low score, since `engagementSince`. */
  readonly complained: boolean;
}

/** What is to be expected of a contact; undefined of who has not bought. Pure. */
export function predictionOf(contact: Contact, facts: PredictionFacts, now: Date): Prediction | undefined {
  const purchases = purchasesIn(contact);
  if (purchases === undefined) return undefined;
  const { model, cutPoints } = facts;
  const history = historyOf(purchases, dayOf(now));
  const spend = spendOf(contact);
  if (model?.activity !== undefined) {
    const activity = { variant: "MBG/NBD", ...model.activity } as const;
    const expected = expectedPurchases(activity, history, yearWeeks);
    const active = activeProbability(activity, history);
    const reasons = [...(active < likelyGone ? (["likelyGone"] as const) : []), ...riskReasonsOf(contact, facts, now)];
    return { source: "model", modelAt: model.at, ...figures(active, expected, spend, model), ...riskBy(reasons) };
  }
  const lastAt = purchases.last * dayMilliseconds;
  const active = activeByRecency[recencyScore(lastAt, now.getTime(), cutPoints) - 1] ?? 0;
  // a rhythm of less than a year is not stretched to one
  const expected = (active * purchases.count * yearWeeks) / Math.max(history.age, yearWeeks);
  const risk = riskBy(riskReasonsOf(contact, facts, now));
  return { source: "rfm", modelAt: null, ...figures(active, expected, spend, undefined), ...risk };
}

function riskBy(reasons: readonly RiskReason[]): Pick<Prediction, "atRisk" | "reasons" | "explanation"> {
  const explanation = reasons.map((reason) => reasonWords[reason]);
  return { atRisk: reasons.length > 0, reasons: [...reasons], explanation };
}

function figures(
  active: number,
  expected: number,
  spend: BuyerSpend | undefined,
  model: CustomerModel | undefined,
): Pick<Prediction, "active" | "purchases12m" | "value12m"> {
  return {
    active: Number(active.toFixed(3)),
    purchases12m: Number(expected.toFixed(2)),
    value12m:
      spend === undefined ? null : { amount: Math.round(expected * meanOf(spend, model)), currency: spend.currency },
  };
}

/** The amount to expect of a purchase: by the currency's model if there is one, else the customer's own mean. */
function meanOf(spend: BuyerSpend, model: CustomerModel | undefined): number {
  const parameters = model?.spend[spend.currency];
  const expected = parameters === undefined ? Number.POSITIVE_INFINITY : expectedSpend(parameters, spend);
  return Number.isFinite(expected) ? expected : spend.meanOfAll;
}

function riskReasonsOf(contact: Contact, { mailsSent, complained }: PredictionFacts, now: Date): readonly RiskReason[] {
  const lateAt = overdueAt(lateTimes, contact);
  return [
    ...(lateAt !== undefined && now.getTime() >= lateAt ? (["late"] as const) : []),
    ...(hasGoneQuiet(contact, now) && mailsSent >= fewestMails ? (["decliningEngagement"] as const) : []),
    ...(complained ? (["negativeFeedback"] as const) : []),
  ];
}

/** The instant since when engagement is lately. */
export function engagementSince(now: Date): string {
  return new Date(now.getTime() - engagedDays * dayMilliseconds).toISOString();
}

/** Whether somebody opened or clicked mails once, and none lately. */
export function hasGoneQuiet({ engagement: { lastOpenAt, lastClickAt } }: Contact, now: Date): boolean {
  const since = engagementSince(now);
  const instants = [lastOpenAt, lastClickAt].filter((at) => at !== undefined);
  return instants.length > 0 && instants.every((at) => at < since);
}
