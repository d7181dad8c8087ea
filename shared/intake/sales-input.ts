import * as z from "zod/mini";
import type { Violation } from "../errors.ts";
import type { DealEvent, TicketEvent } from "../events/sales.ts";
import { identifier, label, price } from "./input-values.ts";
import { isCurrency, toMinorUnits } from "./money.ts";

const flag = z.nullish(z.boolean());

/** Deal events: strict on what we use, loose on the rest. */
export const dealInputSchema = z.looseObject({
  deal_id: identifier,
  amount: price,
  currency: z.nullish(z.string().check(z.toUpperCase(), z.refine(isCurrency, "a currency of ISO 4217, such as EUR"))),
  owner: label,
  pipeline: label,
  stage: label,
  reason: label,
  created_at: z.nullish(z.iso.datetime({ offset: true, error: "an instant such as 2026-11-23T10:00:00Z" })),
  closed: flag,
});

/** Ticket events. */
export const ticketInputSchema = z.looseObject({
  ticket_id: identifier,
  channel: label,
  owner: label,
  team: label,
  priority: label,
  automatic: flag,
});

/** The deal that an event tells of, or everything that is wrong with its amount. */
export function dealFrom(input: z.infer<typeof dealInputSchema>): DealEvent | readonly Violation[] {
  const { amount, currency, created_at: createdAt } = input;
  const told = amount !== null && amount !== undefined;
  if (told && !currency)
    return [{ pointer: "/properties/currency", code: "missing", message: "send the amount's currency, such as EUR" }];
  const units = told && currency ? toMinorUnits(amount, currency) : undefined;
  if (told && units === undefined) {
    const message = "is not an amount such as 19.99, zero or more";
    return [{ pointer: "/properties/amount", code: "invalid_amount", message }];
  }
  return {
    dealId: input.deal_id,
    amount: units !== undefined && currency ? { amount: units, currency } : undefined,
    owner: input.owner,
    pipeline: input.pipeline,
    stage: input.stage,
    reason: input.reason,
    createdAt: createdAt ? new Date(createdAt).toISOString() : undefined,
    closed: input.closed ?? undefined,
  };
}

/** The ticket that an event tells of. */
export function ticketFrom(input: z.infer<typeof ticketInputSchema>): TicketEvent {
  return {
    ticketId: input.ticket_id,
    channel: input.channel,
    owner: input.owner,
    team: input.team,
    priority: input.priority,
    automatic: input.automatic ?? undefined,
  };
}
