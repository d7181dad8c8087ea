import type { JourneyInput } from "../definition.ts";

const tokens = ["properties.cartId", "properties.checkoutId"];
const activity = ["Product Added", "Product Removed", "Cart Viewed", "Checkout Started"];

/** To empty a cart is no reason to remind of it later. */
const notEmptied = [{ property: "empty", notEquals: true }];

/** Reminds of a checkout 1, 24 and 72 hours after its cart was last touched, until its contact orders. */
export const abandonedCart: JourneyInput = {
  name: "Abandoned cart",
  trigger: { event: "Checkout Started", entryKey: tokens },
  // The order of this very cart counts even when it is told of before its checkout, and whoever's it is.
  exits: [
    { event: "Order Completed", entryKey: tokens },
    { event: "Order Placed", entryKey: tokens },
    { event: "Cart Ended", entryKey: tokens },
    { event: "Order Completed" },
    { event: "Order Placed" },
    { event: "Unsubscribed" },
  ],
  activity: activity.map((event) => ({ event, entryKey: tokens, conditions: notEmptied })),
  start: "one-hour",
  steps: [
    { type: "wait", id: "one-hour", for: "PT1H", since: "activity", next: "first" },
    { type: "email", id: "first", templateId: "cart-1", next: "one-day" },
    { type: "wait", id: "one-day", for: "P1D", since: "activity", next: "second" },
    { type: "email", id: "second", templateId: "cart-2", next: "three-days" },
    { type: "wait", id: "three-days", for: "P3D", since: "activity", next: "third" },
    { type: "email", id: "third", templateId: "cart-3", next: "end" },
    { type: "end", id: "end" },
  ],
};
