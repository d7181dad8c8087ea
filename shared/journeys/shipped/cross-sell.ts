import type { JourneyInput } from "../definition.ts";

/** Tells a week after an order, at most once in 30 days, what others bought with it; where that is nothing, no mail goes out. */
export const crossSell: JourneyInput = {
  name: "What goes with an order",
  trigger: { event: "Order Completed" },
  reentry: { afterDays: 30 },
  exits: [{ event: "Order Cancelled" }, { event: "Order Refunded" }, { event: "Unsubscribed" }],
  start: "one-week",
  steps: [
    { type: "wait", id: "one-week", for: "P7D", next: "recommend" },
    { type: "email", id: "recommend", templateId: "cross-sell", next: "end" },
    { type: "end", id: "end" },
  ],
};
