import * as z from "zod/mini";
import { broadcastIdSchema } from "../../broadcasts/broadcast.ts";
import { campaignSchema } from "../../email/campaign.ts";
import { idSchema } from "../../journeys/step.ts";
import { campaignCostSchema, costInputSchema } from "../../results/cost.ts";
import { armSchema, countsSchema } from "../../results/counts.ts";
import { verdicts } from "../../results/lift.ts";
import { lineSchema } from "../../results/mail-fact.ts";
import { defineRoutes } from "../route.ts";
import { marketerWrites, staffReads } from "./staff-access.ts";

const reads = { ...staffReads, tag: "Results" } as const;
const writes = { ...marketerWrites, tag: "Results" } as const;
const campaign = z.object({ type: campaignSchema.shape.type, id: idSchema });
const rate = z.nullable(z.number());
const amounts = z.record(z.string(), z.number());
const { trial: _trial, ...counts } = countsSchema.shape;
const shown = {
  ...counts,
  rates: z.object({
    delivered: rate,
    bounced: rate,
    opened: rate,
    clicked: rate,
    unsubscribed: rate,
    complained: rate,
    converted: rate,
  }),
};
const arm = z.extend(armSchema, { rate });

/** The days of a report: the 30 up to today, unless the query says otherwise. */
export const rangeSchema = z.strictObject({ from: z.optional(z.iso.date()), to: z.optional(z.iso.date()) });

/** What a campaign's mails led to. */
export const resultsSchema = z.object({
  campaign,
  from: z.iso.date(),
  to: z.iso.date(),
  asOf: z.nullable(z.iso.datetime()),
  complete: z.boolean(),
  totals: z.object(shown),
  lines: z.array(z.object({ ...lineSchema.shape, ...shown })),
  lift: z.nullable(
    z.object({
      verdict: z.enum(verdicts),
      mailed: arm,
      heldOut: arm,
      difference: z.nullable(z.object({ value: z.number(), low: z.number(), high: z.number() })),
      relative: rate,
      revenue: z.nullable(amounts),
    }),
  ),
  cost: z.object({ amount: z.number(), currency: z.string(), source: z.enum(["entered", "mail counts"]) }),
  roi: rate,
});

export const resultRoutes = defineRoutes([
  {
    ...reads,
    operationId: "getJourneyResults",
    method: "GET",
    path: "/v1/journeys/{id}/results",
    summary: "What a journey's mails led to, by version, step and variant",
    description:
      "Of the mails that were asked for on these days (in the account's time zone, at most 400 of them): sent, delivered, " +
      "opened, clicked, unsubscribed, bounced, complained, orders and revenue credited by the last click of a person, " +
      "lift against those held out, cost and return. Counted within the hour; revenue changes until the window for " +
      "orders of every mail is over (`complete`), and by refunds after that.",
    params: z.object({ id: idSchema }),
    query: rangeSchema,
    responses: { 200: { description: "The results.", schema: resultsSchema } },
  },
  {
    ...reads,
    operationId: "getBroadcastResults",
    method: "GET",
    path: "/v1/broadcasts/{id}/results",
    summary: "What a broadcast's mails led to, by variant",
    description: "As a journey's results are counted, of the mails that were asked for on these days.",
    params: z.object({ id: broadcastIdSchema }),
    query: rangeSchema,
    responses: { 200: { description: "The results.", schema: resultsSchema } },
  },
  {
    ...reads,
    operationId: "getCampaignCost",
    method: "GET",
    path: "/v1/campaigns/{type}/{id}/cost",
    summary: "What was entered as a campaign's cost",
    params: campaign,
    responses: { 200: { description: "The cost; its version is the ETag.", schema: campaignCostSchema } },
  },
  {
    ...writes,
    operationId: "putCampaignCost",
    method: "PUT",
    path: "/v1/campaigns/{type}/{id}/cost",
    summary: "Enter what a campaign cost, day by day (`If-Match` with its version to change it)",
    description:
      "Replaces all that was entered. Results whose days hold an entry use it for the return on the cost; others take a " +
      "price for each mail.",
    params: campaign,
    body: costInputSchema,
    responses: {
      200: { description: "The cost as it is now.", schema: campaignCostSchema },
      201: { description: "The new cost.", schema: campaignCostSchema },
    },
  },
]);
