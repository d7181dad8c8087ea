import type { JourneyInput } from "../definition.ts";

/** Asks for an opinion two weeks after an order, at most once in 60 days, unless something of it was taken back. */
export const reviewRequest: JourneyInput = {
  name: "Review request",
  trigger: { event: "Order Completed" },
  reentry: { afterDays: 60 },
  exits: [{ event: "Order Cancelled" }, { event: "Order Refunded" }, { event: "Unsubscribed" }],
  start: "two-weeks",
  steps: [
    { type: "wait", id: "two-weeks", for: "P14D", next: "ask" },
    { type: "email", id: "ask", templateId: "review-request", next: "end" },
    { type: "end", id: "end" },
  ],
};
