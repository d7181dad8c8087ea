import type { JourneyInput } from "../definition.ts";

/** Thanks for an order ten days later, at most once in 30 days. */
export const postPurchase: JourneyInput = {
  name: "Thanks after an order",
  trigger: { event: "Order Completed" },
  reentry: { afterDays: 30 },
  exits: [{ event: "Order Cancelled" }, { event: "Unsubscribed" }],
  start: "ten-days",
  steps: [
    { type: "wait", id: "ten-days", for: "P10D", next: "thanks" },
    { type: "email", id: "thanks", templateId: "post-purchase", next: "end" },
    { type: "end", id: "end" },
  ],
};
