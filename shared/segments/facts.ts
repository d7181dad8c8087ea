import * as z from "zod/mini";
import type { ConsentFacts } from "../consent/consent.ts";
import { profileSchema } from "../contacts/profile-schema.ts";
import type { ActivityParameters } from "../customers/activity-model.ts";
import type { Event } from "../events/event.ts";
import { lifecycleSchema } from "../funnel/lifecycle.ts";
import type { CutPoints } from "./cut-points.ts";

const valueAt = z.object({ value: z.union([z.string(), z.number(), z.boolean()]) });
const instant = z.optional(z.string());

/** What segments know of a contact's item. What an older item lacks reads as empty. */
export const segmentContactSchema = z.object({
  contactId: z.string(),
  email: z.optional(z.object({ value: z.string() })),
  fields: z.record(z.string(), valueAt),
  traits: z._default(z.record(z.string(), valueAt), {}),
  tags: z._default(z.array(z.string()), []),
  leadAt: instant,
  leadForm: z.optional(z.string()),
  leadSource: z.optional(z.string()),
  customerAt: instant,
  orders: z.number(),
  /** Net revenue by currency in minor units. */
  revenue: z.record(z.string(), z.number()),
  lastOrderAt: instant,
  purchases: profileSchema.shape.purchases,
  engagement: z.object({ opens: z.number(), clicks: z.number(), lastOpenAt: instant, lastClickAt: instant }),
  lastActivityAt: instant,
  createdAt: z.string(),
  /** Open carts by their id. */
  carts: z._default(z.record(z.string(), z.object({ at: z.string() })), {}),
  lifecycle: z.optional(z.pick(lifecycleSchema, { entered: true })),
});
export type SegmentContact = z.infer<typeof segmentContactSchema>;

export type FactEvent = Pick<Event, "occurredAt" | "properties"> & { readonly name: string; readonly source?: string };

/** What a rule is judged by. Only what the rule depends on need be there. */
export interface Facts {
  readonly contact: SegmentContact;
  /** The consent of the contact's address to marketing mail. */
  readonly consent: ConsentFacts | undefined;
  /** Whether the address gets no mail at all, since it bounced or its owner called us spam. */
  readonly suppressed: boolean;
  readonly events: readonly FactEvent[];
  /** Ids of the segments that the contact is in. */
  readonly memberOf: ReadonlySet<string>;
  /** Where all customers are parted by rank; absent while they are few. */
  readonly cutPoints?: CutPoints | undefined;
  /** How probably customers are active; absent while they are too few. */
  readonly activity?: ActivityParameters | undefined;
}
