import * as z from "zod/mini";
import type { Event } from "../events/event.ts";
import { moneySchema } from "../intake/money.ts";
import { creationOf, knownAt, standingClose, toldBy } from "../kpis/deal-facts.ts";
import { digestOf, shardOf } from "../table/hash.ts";
import { expiryAfter, keySchema } from "../table/item.ts";

/** Partitions of the deals. */
export const pipelineShards = 4;

/** Closed deals tell what becomes of open ones for two years. */
export const daysOfHistory = 730;

/** A deal as its events tell it, for the pipeline: no contact, no name. */
export const pipelineDealSchema = z.extend(keySchema, {
  kind: z.literal("pipelineDeal"),
  pipeline: z.optional(z.string()),
  amount: z.optional(moneySchema),
  createdAt: z.iso.datetime(),
  /** The stages it has been in, each with when it first came there, in the order of these; the last is where it is. */
  stages: z.array(z.object({ stage: z.string(), at: z.iso.datetime() })),
  /** Where it is: it may have gone back. */
  stage: z.string(),
  closed: z.optional(z.object({ at: z.iso.datetime(), won: z.boolean() })),
  /** How many events were known; who knew more is right. */
  version: z.number(),
  expiresAt: z.optional(z.number()),
});
export type PipelineDeal = z.infer<typeof pipelineDealSchema>;

/** A close may name a stage of its own, which no open deal is in. */
const openNames = ["Deal Created", "Deal Stage Changed"];

/** The stage of a deal that was never told one. */
export const noStage = "(none)";

export function pipelinePartition(shard: number): string {
  return `PIPELINE#${shard}`;
}

/** @param events all that the timeline holds of one deal, oldest first; one at least */
export function pipelineDealOf(dealId: string, events: readonly Event[]): PipelineDeal | undefined {
  const [first] = events;
  if (first === undefined) return undefined;
  const told = events.map(toldBy);
  const createdAt = creationOf(told) ?? first.occurredAt;
  const { amount, pipeline } = knownAt(told.map(({ deal }) => deal));
  const moves = told.flatMap(({ event, deal: { stage, closed } }) =>
    stage && !closed && openNames.includes(event.name) ? [{ stage, at: event.occurredAt }] : [],
  );
  const stages = moves.filter(({ stage }, index) => moves.findIndex((each) => each.stage === stage) === index);
  const close = standingClose(told);
  const closed = close && { at: close.occurredAt, won: close.name === "Deal Won" };
  const id = digestOf(["deal", first.pk, first.source, dealId], 20);
  return {
    pk: pipelinePartition(shardOf(id, pipelineShards)),
    sk: id,
    kind: "pipelineDeal",
    ...(pipeline !== undefined && { pipeline }),
    ...(amount !== undefined && { amount }),
    createdAt,
    stages: stages.length > 0 ? stages : [{ stage: noStage, at: createdAt }],
    stage: moves.at(-1)?.stage ?? noStage,
    ...(closed !== undefined && { closed, expiresAt: expiryAfter(new Date(closed.at), daysOfHistory + 7) }),
    version: events.length,
  };
}
