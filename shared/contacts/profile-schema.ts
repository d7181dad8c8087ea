import * as z from "zod/mini";
import { cartSchema } from "./cart.ts";

/** What we keep of a person beside the e-mail address. A form's other fields stay on the timeline. */
export const contactFields = [
  "firstName",
  "lastName",
  "name",
  "company",
  "jobTitle",
  "phone",
  "website",
  "city",
  "country",
] as const;
export type ContactField = (typeof contactFields)[number];

/** `firm`: a shop or a colleague said so, not whoever filled in a form. */
const told = { at: z.string(), firm: z.optional(z.literal(true)) };
const datedSchema = z.object({ value: z.string(), ...told });
export type Dated = z.infer<typeof datedSchema>;

/** The value of a custom attribute. */
export const traitValueSchema = z.union([z.string(), z.number(), z.boolean()]);

const amounts = z._default(z.record(z.string(), z.number()), {});

/** A contact's current state, derived from its events alone. */
export const profileSchema = z.object({
  contactId: z.string(),
  /** Where mail goes (`address-rules.ts`). Absent only while the event that brings it is on its way. */
  email: z.optional(datedSchema),
  /** All that the contact is known by, in small letters; absent while that is one. */
  addresses: z.optional(z.array(z.string())),
  /** Public input fills blanks: of several values the earliest stands. */
  fields: z.partialRecord(z.enum(contactFields), datedSchema),
  /** Custom attributes as identified, at most 50: the latest word of a shop or a colleague stands. */
  traits: z._default(z.record(z.string(), z.object({ value: traitValueSchema, ...told })), {}),
  /** In alphabetical order, at most 50. */
  tags: z._default(z.array(z.string()), []),
  /** When each tag was last put on or taken off. */
  tagMarks: z._default(z.record(z.string(), z.string()), {}),
  /** When the person first submitted a form; that form and where it was found. */
  leadAt: z.optional(z.string()),
  leadForm: z.optional(z.string()),
  leadSource: z.optional(z.string()),
  /** When the first order was paid. */
  customerAt: z.optional(z.string()),
  orders: z.number(),
  /** Net revenue (ordered less refunded) in minor units by currency: amounts of different currencies are never added. */
  revenue: z.record(z.string(), z.number()),
  /** Revenue of all orders before anything was taken back. */
  ordered: amounts,
  /** Taken back by refunds and cancellations. */
  refunded: amounts,
  /** What was taken back of which order, by a hash of its number. */
  takenBack: z._default(
    z.record(
      z.string(),
      z.object({
        cancelled: z.number(),
        refunded: z.number(),
        refundedInAll: z.optional(z.number()),
        /** What was counted as its revenue: no more is taken back. */
        ordered: z.optional(z.number()),
        currency: z.string(),
      }),
    ),
    {},
  ),
  /** Taken back of orders that are not told apart any more. */
  takenBackRest: amounts,
  lastOrderAt: z.optional(z.string()),
  /** Days with a paid order, as days since 1970 (UTC): how many, the newest of them, and what was ordered on the first. */
  purchases: z.optional(
    z.object({
      count: z.number(),
      days: z.array(z.number()),
      first: z.object({ day: z.number(), ordered: z.record(z.string(), z.number()) }),
    }),
  ),
  /** Open carts by their tokens, the five with the newest activity. */
  carts: z._default(z.record(z.string(), cartSchema), {}),
  /** Tokens of the newest orders' carts and checkouts, each led by the order's mark. */
  closedCarts: z._default(z.array(z.string()), []),
  /** Marks of the newest event of a cart, and of the newest order. */
  cartMark: z.optional(z.string()),
  orderMark: z.optional(z.string()),
  /** What a person may have opened and followed: not what is told of as a machine's (`shared/email/machine.ts`). */
  engagement: z.object({
    opens: z.number(),
    clicks: z.number(),
    lastOpenAt: z.optional(z.string()),
    lastClickAt: z.optional(z.string()),
  }),
  /** The last submission or order. Mail engagement does not count: it may be a machine's. */
  lastActivityAt: z.optional(z.string()),
  createdAt: z.string(),
  ring: z.array(z.string()),
  floor: z.optional(z.string()),
});
export type Profile = z.infer<typeof profileSchema>;
