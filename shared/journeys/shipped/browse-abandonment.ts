import type { JourneyInput } from "../definition.ts";

/** Reminds, at most once a week, of a product that was looked at and neither put into a cart nor ordered four hours later. */
export const browseAbandonment: JourneyInput = {
  name: "Browse abandonment",
  trigger: { event: "Product Viewed" },
  reentry: { afterDays: 7 },
  // Whoever goes on to a cart is the abandoned cart's matter.
  exits: ["Product Added", "Cart Viewed", "Checkout Started", "Order Placed", "Order Completed", "Unsubscribed"].map(
    (event) => ({
      event,
    }),
  ),
  activity: [{ event: "Product Viewed" }],
  start: "four-hours",
  steps: [
    { type: "wait", id: "four-hours", for: "PT4H", since: "activity", next: "remind" },
    { type: "email", id: "remind", templateId: "browse-abandonment", maximumAge: "P1D", next: "end" },
    { type: "end", id: "end" },
  ],
};
