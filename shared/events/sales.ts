import * as z from "zod/mini";
import { moneySchema } from "../intake/money.ts";

/** Deal Created, Deal Stage Changed, Deal Won, Deal Lost. */
export const dealEventSchema = z.object({
  dealId: z.string(),
  /** None is unknown; zero is zero. */
  amount: z.optional(moneySchema),
  owner: z.optional(z.string()),
  pipeline: z.optional(z.string()),
  stage: z.optional(z.string()),
  /** Why it was won or lost. */
  reason: z.optional(z.string()),
  /** When the deal was made, where no Deal Created tells. */
  createdAt: z.optional(z.iso.datetime()),
  /** Of a stage change: it belongs to the close, and does not open the deal again. */
  closed: z.optional(z.boolean()),
});
export type DealEvent = z.infer<typeof dealEventSchema>;

/** Ticket Opened, Ticket First Reply, Ticket Resolved, Ticket Reopened. */
export const ticketEventSchema = z.object({
  ticketId: z.string(),
  channel: z.optional(z.string()),
  owner: z.optional(z.string()),
  team: z.optional(z.string()),
  priority: z.optional(z.string()),
  /** A reply that no person wrote. */
  automatic: z.optional(z.boolean()),
});
export type TicketEvent = z.infer<typeof ticketEventSchema>;
