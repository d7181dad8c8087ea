import type { JourneyInput } from "../definition.ts";

/**
 * Writes to a customer whose own buying cycle has passed: at once, after 30 and after 60 days (then with an offer), until
 * the next order. Who ordered once has no cycle yet and is written to 30, 60 and 90 days after it.
 */
export const winBack: JourneyInput = {
  name: "Win-back",
  trigger: { event: "Segment Entered", conditions: [{ property: "segmentId", equals: "past-cycle" }] },
  reentry: { afterDays: 180 },
  goal: { event: "Order Completed" },
  exits: [{ event: "Order Placed" }, { event: "Unsubscribed" }],
  start: "first",
  steps: [
    { type: "email", id: "first", templateId: "win-back-1", next: "thirty-days" },
    { type: "wait", id: "thirty-days", for: "P30D", next: "second" },
    { type: "email", id: "second", templateId: "win-back-2", next: "sixty-days" },
    { type: "wait", id: "sixty-days", for: "P30D", next: "third" },
    { type: "email", id: "third", templateId: "win-back-3", next: "end" },
    { type: "end", id: "end" },
  ],
};
