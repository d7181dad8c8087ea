import * as z from "zod/mini";

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

const datedSchema = z.object({ value: z.string(), at: z.string() });
export type Dated = z.infer<typeof datedSchema>;

/** A contact's current state, derived from its events alone. */
export const profileSchema = z.object({
  contactId: z.string(),
  /** The address as first given. Absent only while the event that brings it is on its way. */
  email: z.optional(datedSchema),
  /** Public input fills blanks: of several values the earliest stands. */
  fields: z.partialRecord(z.enum(contactFields), datedSchema),
  /** When the person first submitted a form; that form and where it was found. */
  leadAt: z.optional(z.string()),
  leadForm: z.optional(z.string()),
  leadSource: z.optional(z.string()),
  /** When the first order was paid. */
  customerAt: z.optional(z.string()),
  orders: z.number(),
  /** Net revenue in minor units by currency: amounts of different currencies are never added. */
  revenue: z.record(z.string(), z.number()),
  lastOrderAt: z.optional(z.string()),
  /** What mail software reported; machines open and follow links too. */
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
