import type { Fact } from "./fact.ts";
import { type Kpi, kpiSchema, type Measure } from "./kpi.ts";

const sum = { aggregate: "sum", of: "amount" } as const;
const revenue: Measure = { facts: ["Order Completed"], ...sum };
const refunds: Measure = { facts: ["Order Refunded", "Order Cancelled"], ...sum };
const costsOf = (...kinds: string[]): Measure => ({
  facts: ["Cost"],
  where: [{ property: "kind", oneOf: kinds }],
  ...sum,
});
const lagOf = (fact: Fact, aggregate: Measure["aggregate"]): Measure => ({ facts: [fact], aggregate, of: "lag" });
const countOf = (...facts: Fact[]): Measure => ({ facts, aggregate: "count" });

const campaignCosts: Measure = { facts: ["Cost"], where: [{ property: "campaign", exists: true }], ...sum };
const paidOrder: Pick<Measure, "facts" | "where"> = {
  facts: ["Order Completed"],
  where: [{ property: "amount", atLeast: 1 }],
};
const customers = (aggregate: "active" | "lost" | "kept", withinDays: number): Measure => ({
  ...paidOrder,
  aggregate,
  withinDays,
});

const answers = (kind: string, from: number, to = 10): Measure => ({
  facts: ["Survey Answered"],
  where: [
    { property: "kind", equals: kind },
    { property: "score", atLeast: from },
    { property: "score", atMost: to },
  ],
  aggregate: "count",
});

/** What keeps a customer active. */
export const activity = customers("active", 1);

/** What the KPIs of customers rest on. */
export interface Basis {
  /** Days for which a paid order keeps a customer active. */
  readonly activeDays: number;
  /** Share of net revenue that remains when the goods are paid. */
  readonly grossMargin: number;
  /** Goes up when `activeDays` changes. */
  readonly version: number;
}

/** Ninety days, as the ready-made segments have it; with a margin of 1 the lifetime value is in revenue. */
export const defaultBasis: Basis = { activeDays: 90, grossMargin: 1, version: 1 };

/** No lifetime is told to be longer than five years. */
const shortestChurn = 0.2;

type Shipped = Omit<Kpi, "version"> & { readonly version?: number };

/** The KPIs that come with Rapport, most read first. Amounts are in the account's currency. */
const shipped = (currency: string, { activeDays, grossMargin, version }: Basis): readonly Shipped[] => [
  {
    id: "new-leads",
    title: "New leads",
    definition: "People whose first qualifying submission came in the period.",
    format: "count",
    direction: "up",
    numerator: countOf("lead"),
    slices: ["source", "form"],
  },
  {
    id: "new-customers",
    title: "New customers",
    definition: "People whose first paid order came in the period.",
    format: "count",
    direction: "up",
    numerator: countOf("customer"),
  },
  {
    id: "lead-conversion",
    title: "Lead conversion",
    definition: "Leads of the period that became customers within 30 days ÷ leads of the period.",
    format: "percent",
    direction: "up",
    numerator: countOf("conversion"),
    denominator: countOf("lead"),
    basis: "leads",
    cohortDays: 30,
    slices: ["source", "form"],
  },
  {
    id: "net-revenue",
    title: "Net revenue",
    definition: "Orders of the period less what was refunded or cancelled in it, without tax and shipping.",
    format: "money",
    direction: "up",
    currency,
    numerator: revenue,
    less: refunds,
    slices: ["source"],
  },
  {
    id: "orders",
    title: "Orders",
    definition: "Orders of the period, tests left out.",
    format: "count",
    direction: "up",
    numerator: countOf("Order Completed"),
    slices: ["source", "coupon"],
  },
  {
    id: "average-order-value",
    title: "Average order value",
    definition: "Revenue of the period's orders ÷ orders, before refunds.",
    format: "money",
    direction: "up",
    currency,
    numerator: { ...revenue, aggregate: "mean" },
    basis: "orders",
    slices: ["source"],
  },
  {
    id: "refund-rate",
    title: "Refund rate",
    definition: "What was refunded or cancelled in the period ÷ what was ordered in it.",
    format: "percent",
    direction: "down",
    currency,
    numerator: refunds,
    denominator: revenue,
    basis: "revenue",
    slices: ["source"],
  },
  {
    id: "arpu",
    title: "Revenue per customer (ARPU)",
    definition: "Net revenue of the period ÷ people who paid for an order in it.",
    format: "money",
    direction: "up",
    currency,
    numerator: revenue,
    less: refunds,
    denominator: { ...paidOrder, aggregate: "distinct" },
    basis: "buyers",
  },
  {
    id: "churn-rate",
    title: "Customer churn",
    definition: `Customers active when the period began and not when it ended ÷ customers active when it began; a paid order keeps one active for ${activeDays} days.`,
    format: "percent",
    direction: "down",
    numerator: customers("lost", activeDays),
    denominator: customers("active", activeDays),
    basis: "customers",
    version,
  },
  {
    id: "retention-rate",
    title: "Customer retention",
    definition: `Customers active when the period began and when it ended ÷ customers active when it began; a paid order keeps one active for ${activeDays} days.`,
    format: "percent",
    direction: "up",
    numerator: customers("kept", activeDays),
    denominator: customers("active", activeDays),
    basis: "customers",
    version,
  },
  {
    id: "customer-lifetime-value",
    title: "Customer lifetime value (CLTV)",
    definition:
      "Net revenue for each customer active at the start × gross margin ÷ churn, which is net revenue × margin ÷ customers lost; a lifetime is five years at most.",
    format: "money",
    direction: "up",
    currency,
    numerator: revenue,
    less: refunds,
    denominator: { ...customers("lost", activeDays), yearlyAtLeast: shortestChurn },
    basis: "customers lost",
    ...(grossMargin !== 1 && { factor: grossMargin }),
    version,
  },
  {
    id: "win-rate",
    title: "Win rate",
    definition: "Deals won ÷ deals won or lost, by the date of their close.",
    format: "percent",
    direction: "up",
    numerator: countOf("Deal Won"),
    denominator: countOf("Deal Won", "Deal Lost"),
    basis: "closed deals",
    slices: ["owner", "pipeline", "source"],
  },
  {
    id: "average-deal-size",
    title: "Average deal size",
    definition: "Amounts of the deals won in the period ÷ deals won that have one.",
    format: "money",
    direction: "up",
    currency,
    numerator: { facts: ["Deal Won"], aggregate: "mean", of: "amount" },
    basis: "deals",
    slices: ["owner", "pipeline", "source"],
  },
  {
    id: "sales-cycle",
    title: "Sales cycle, median",
    definition: "Time from a deal's creation to its close, half of the deals won in the period at most.",
    format: "duration",
    direction: "down",
    numerator: lagOf("Deal Won", "median"),
    basis: "deals",
  },
  {
    id: "sales-cycle-mean",
    title: "Sales cycle, mean",
    definition: "Time from a deal's creation to its close, mean of the deals won in the period.",
    format: "duration",
    direction: "down",
    numerator: lagOf("Deal Won", "mean"),
    basis: "deals",
    slices: ["owner", "pipeline", "source"],
  },
  {
    id: "first-response-time",
    title: "First response time, median",
    definition:
      "Time from a ticket's opening to the first reply of a person; half of the period's first replies at most.",
    format: "duration",
    direction: "down",
    numerator: lagOf("Ticket First Reply", "median"),
    basis: "tickets",
  },
  {
    id: "first-response-time-p90",
    title: "First response time, 90th percentile",
    definition:
      "Time from a ticket's opening to the first reply of a person; nine in ten of the period's first replies at most.",
    format: "duration",
    direction: "down",
    numerator: lagOf("Ticket First Reply", "p90"),
    basis: "tickets",
  },
  {
    id: "resolution-time",
    title: "Resolution time, median",
    definition:
      "Time from a ticket's opening to its last resolution; half of the tickets resolved in the period at most.",
    format: "duration",
    direction: "down",
    numerator: lagOf("Ticket Resolved", "median"),
    basis: "tickets",
  },
  {
    id: "resolution-time-p90",
    title: "Resolution time, 90th percentile",
    definition:
      "Time from a ticket's opening to its last resolution; nine in ten of the tickets resolved in the period at most.",
    format: "duration",
    direction: "down",
    numerator: lagOf("Ticket Resolved", "p90"),
    basis: "tickets",
  },
  {
    id: "cac",
    title: "Cost per new customer (CAC)",
    definition: "Costs of ads, marketing and sales in the period ÷ new customers.",
    format: "money",
    direction: "down",
    currency,
    numerator: costsOf("ads", "marketing", "sales"),
    denominator: countOf("customer"),
    basis: "new customers",
    bothSides: true,
  },
  {
    id: "paid-cac",
    title: "Ad cost per new customer (paid CAC)",
    definition: "Costs of ads in the period ÷ new customers, wherever they came from.",
    format: "money",
    direction: "down",
    currency,
    numerator: costsOf("ads"),
    denominator: countOf("customer"),
    basis: "new customers",
    bothSides: true,
  },
  {
    id: "marketing-efficiency",
    title: "Marketing efficiency ratio (MER)",
    definition: "Net revenue of the period ÷ costs of ads and marketing in it, whatever led to the orders.",
    format: "ratio",
    direction: "up",
    currency,
    numerator: revenue,
    less: refunds,
    denominator: costsOf("ads", "marketing"),
  },
  {
    id: "campaign-roi",
    title: "Campaign ROI",
    definition:
      "(Revenue attributed to campaigns − costs entered for campaigns) ÷ these costs; 0.5 is a return of 50 %, −1 the loss of all.",
    format: "ratio",
    direction: "up",
    currency,
    numerator: { facts: ["Order Attributed"], ...sum },
    less: campaignCosts,
    denominator: campaignCosts,
    slices: ["campaign"],
  },
  {
    id: "csat",
    title: "Customer satisfaction (CSAT)",
    definition: "Answers of 4 and 5 ÷ answers of 1 to 5 given in the period; blank and not applicable are no answers.",
    format: "percent",
    direction: "up",
    numerator: answers("csat", 4),
    denominator: answers("csat", 1),
    basis: "answers",
    slices: ["survey", "channel", "language"],
  },
  {
    id: "nps",
    title: "Net Promoter Score (NPS)",
    definition: "Share of 9 and 10 less share of 0 to 6, among each person's latest answer of the period; −100 to 100.",
    format: "score",
    direction: "up",
    numerator: answers("nps", 9),
    less: answers("nps", 0, 6),
    denominator: answers("nps", 0),
    basis: "people",
    latestOfPerson: true,
  },
  {
    id: "survey-response-rate",
    title: "Survey response rate",
    definition: "Surveys mailed in the period that were answered within 14 days ÷ surveys mailed that were delivered.",
    format: "percent",
    direction: "up",
    numerator: countOf("Survey Response"),
    denominator: countOf("Survey Invited"),
    basis: "invitations",
    cohortDays: 14,
    slices: ["survey"],
  },
  {
    id: "sentiment",
    title: "Sentiment of feedback",
    definition: "Mean sentiment, −1 to 1, of the period's English comments that have a word of the lexicon.",
    format: "ratio",
    direction: "up",
    numerator: { facts: ["Feedback Received"], aggregate: "mean", of: "sentiment" },
    basis: "comments",
    slices: ["kind", "source"],
  },
  {
    id: "follow-through",
    title: "Follow-through rate",
    definition:
      "Actions of reviews done by their due day ÷ actions of reviews due in the period, dropped ones included.",
    format: "percent",
    direction: "up",
    numerator: { ...countOf("Promise Due"), where: [{ property: "outcome", equals: "kept" }] },
    denominator: countOf("Promise Due"),
    basis: "promises",
    slices: ["owner"],
  },
];

/** The KPIs of an account whose money is in one currency. */
export function kpisIn(currency: string, basis = defaultBasis): readonly Kpi[] {
  return shipped(currency, basis).map((kpi) => kpiSchema.parse({ version: 1, ...kpi }));
}

export const kpiIds = kpisIn("USD").map(({ id }) => id);
