/** The event by which one contact is asked into one journey, whatever its trigger. */
export const requestedName = "Journey Requested";

/** What our own stages write on a timeline. */
export const ownNames = [
  "Form Submitted",
  "Consent Changed",
  "Consent Requested",
  "Consent Confirmed",
  "Consent Recorded",
  "Subscribed",
  "Unsubscribed",
  "Email Sent",
  "Email Skipped",
  "Email Unconfirmed",
  "Email Held Out",
  "Email Overtaken",
  "Email Delivered",
  "Email Opened",
  "Email Link Clicked",
  "Email Bounced",
  "Email Marked as Spam",
  "Message Requested",
  "Preferences Changed",
  "Privacy Request Received",
  requestedName,
  "Segment Entered",
  "Segment Exited",
  "Tag Added",
  "Tag Removed",
  "Contact Updated",
  "Cart Ended",
  "Webhook Failed",
  "Webhook Delivered",
  "Survey Answered",
  "Feedback Received",
] as const;

/** What the Segment spec's calls beside `track` become. */
export const callNames = ["Identified", "Page Viewed", "Screen Viewed"] as const;

/** The e-commerce events of the Segment spec whose properties are read into shapes of our own (`commerce.ts`). */
export const commerceNames = [
  "Product Viewed",
  "Product Added",
  "Product Removed",
  "Cart Viewed",
  "Checkout Started",
  "Order Placed",
  "Order Completed",
  "Order Updated",
  "Order Refunded",
  "Order Cancelled",
  "Payment Received",
] as const;
export type CommerceName = (typeof commerceNames)[number];

/** What other systems tell of deals and tickets (`sales.ts`). */
export const dealNames = ["Deal Created", "Deal Stage Changed", "Deal Won", "Deal Lost"] as const;
export const ticketNames = ["Ticket Opened", "Ticket First Reply", "Ticket Resolved", "Ticket Reopened"] as const;

/** Names of events that Rapport knows. Any other name is a custom event. */
export const eventNames = [...ownNames, ...callNames, ...commerceNames, ...dealNames, ...ticketNames] as const;
export type KnownEventName = (typeof eventNames)[number];

/** Names that only we write: nobody outside can tell us that a person unsubscribed or that a mail bounced. */
export const reservedNames: ReadonlySet<string> = new Set<string>(ownNames);
