import type { JourneyInput } from "../definition.ts";

const tokens = ["properties.cartId", "properties.checkoutId"];
const filling = ["Product Added", "Cart Viewed", "Checkout Started"];

/** A cart that is emptied is neither left behind nor busy. */
const notEmptied = [{ property: "empty", notEquals: true }];

/**
 * Reminds of a cart 1, 24 and 72 hours after it was last touched, whether or not its checkout was begun, until its contact
 * orders: once for each cart. Of one that is heard of late, no two reminders come at once.
 */
export const abandonedCart: JourneyInput = {
  name: "Abandoned cart",
  trigger: { event: filling, entryKey: tokens, conditions: notEmptied },
  // The order of this very cart counts even when it is told of before its checkout, and whoever's it is.
  exits: [
    { event: "Order Completed", entryKey: tokens },
    { event: "Order Placed", entryKey: tokens },
    { event: "Cart Ended", entryKey: tokens },
    { event: "Order Completed" },
    { event: "Order Placed" },
    { event: "Unsubscribed" },
  ],
  activity: [...filling, "Product Removed"].map((event) => ({ event, entryKey: tokens, conditions: notEmptied })),
  start: "one-hour",
  steps: [
    { type: "wait", id: "one-hour", for: "PT1H", since: "activity", next: "first" },
    { type: "email", id: "first", templateId: "cart-1", maximumAge: "P1D", next: "one-day" },
    { type: "wait", id: "one-day", for: "P1D", since: "activity", next: "second" },
    { type: "email", id: "second", templateId: "cart-2", maximumAge: "P2D", next: "three-days" },
    { type: "wait", id: "three-days", for: "P3D", since: "activity", next: "third" },
    { type: "email", id: "third", templateId: "cart-3", next: "end" },
    { type: "end", id: "end" },
  ],
};
