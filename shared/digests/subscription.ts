import * as z from "zod/mini";
import { parseEmailAddress } from "../contacts/email-address.ts";
import type { Violation } from "../errors.ts";
import { type Kpi, kpiIdSchema } from "../kpis/kpi.ts";
import { type Slice, sliceSchema } from "../kpis/target.ts";
import { digestOf } from "../table/hash.ts";
import { isTimeZone } from "../time-zone.ts";

/** In the order of ISO 8601. */
export const weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
export type Weekday = (typeof weekdays)[number];

export const subscriptionIdSchema = z
  .string()
  .check(z.regex(/^[a-z0-9][a-z0-9-]{1,59}$/, "2 to 60 small letters, digits and hyphens"));

const email = z
  .email()
  .check(z.refine((address) => parseEmailAddress(address) !== undefined, "not an address that mail can be sent to"));
const uniqueList = <Member extends z.ZodMiniType<string>>(member: Member, least: string) =>
  z.array(member).check(
    z.minLength(1, least),
    z.maxLength(50),
    z.refine((list) => new Set(list).size === list.length, "names one twice"),
  );

/** When a digest is sent: on weekdays or once a month, at a full hour. */
export const scheduleSchema = z.object({
  weekdays: z.optional(uniqueList(z.enum(weekdays), "name at least one weekday")),
  /** Of every month. */
  dayOfMonth: z.optional(z.int().check(z.gte(1), z.lte(28, "1 to 28, which every month has"))),
  hour: z.int().check(z.gte(0, "an hour from 0 to 23"), z.lte(23, "an hour from 0 to 23")),
  /** Without one: the account's. */
  timeZone: z.optional(z.string().check(z.refine(isTimeZone, "not an IANA time zone, such as Europe/Berlin"))),
});
export type Schedule = z.infer<typeof scheduleSchema>;

const wanted = {
  recipient: z.strictObject({ name: z.string().check(z.trim(), z.minLength(1), z.maxLength(100)), email }),
  /** Without a list: all that have a target or have counted something. */
  kpis: z.optional(uniqueList(kpiIdSchema, "name at least one KPI, or leave kpis out for all")),
  /** Tells of one group alone, such as one owner's deals. */
  slice: z.optional(sliceSchema),
  ...scheduleSchema.shape,
};

/** What staff say of a subscription. */
export const subscriptionInputSchema = z.strictObject(wanted).check(
  z.refine(({ weekdays: on, dayOfMonth }) => (on === undefined) !== (dayOfMonth === undefined), {
    error: "name either weekdays or dayOfMonth",
    path: ["weekdays"],
  }),
);
export type SubscriptionInput = z.infer<typeof subscriptionInputSchema>;

/** Whom a digest is sent to, what of, and when. */
export const subscriptionSchema = z.object({
  id: z.string(),
  ...wanted,
  /** Nothing is sent whose time came before. */
  since: z.iso.datetime(),
  /** The recipient has stopped it. */
  stoppedAt: z.optional(z.iso.datetime()),
  /** Made of a manager in the configuration, and changed with it. */
  configured: z.optional(z.literal(true)),
  version: z.number(),
  updatedAt: z.iso.datetime(),
  updatedBy: z.string(),
});
export type Subscription = z.infer<typeof subscriptionSchema>;

/** What stays of a subscription that was deleted, so that its default does not come back; nothing personal. */
export const endedSchema = z.object({ id: z.string(), version: z.number(), ended: z.literal(true) });
export type Ended = z.infer<typeof endedSchema>;

export const storedSchema = z.union([endedSchema, subscriptionSchema]);
export type Stored = z.infer<typeof storedSchema>;

export function isStanding(stored: Stored | undefined): stored is Subscription {
  return stored !== undefined && !("ended" in stored);
}

/** What no single member shows to be wrong, in words. */
export function subscriptionFaults(input: SubscriptionInput, kpis: readonly Kpi[]): readonly Violation[] {
  const known = new Map(kpis.map((kpi) => [kpi.id, kpi]));
  const named = input.kpis ?? [];
  const faults = named.flatMap((id, index) => {
    const kpi = known.get(id);
    const message = kpi === undefined ? `there is no KPI ${id}` : sliceFault(kpi, input.slice);
    return message === undefined ? [] : [{ pointer: `/kpis/${index}`, message, code: "invalid_value" }];
  });
  const { slice } = input;
  if (slice === undefined || input.kpis !== undefined || kpis.some((kpi) => isKeptBy(kpi, slice.by))) return faults;
  return [{ pointer: "/slice/by", message: `no KPI is kept by ${slice.by}`, code: "invalid_value" }];
}

function sliceFault(kpi: Kpi, slice: Slice | undefined): string | undefined {
  if (slice === undefined || isKeptBy(kpi, slice.by)) return undefined;
  const kept = kpi.slices?.length ? `is kept by ${kpi.slices.join(", ")}` : "is kept by no slice";
  return `${kpi.id} ${kept}, not by ${slice.by}`;
}

export function isKeptBy({ slices = [] }: Kpi, by: string): boolean {
  return slices.includes(by);
}

/** A manager as the configuration names one. */
export interface Manager {
  readonly name: string;
  readonly email: string;
}

/** The subscription that a manager of the configuration has: all KPIs, every day. */
export function defaultSubscription(manager: Manager, hour: number, since: Date): Subscription {
  const at = since.toISOString();
  return {
    id: defaultId(manager),
    recipient: { name: manager.name, email: manager.email },
    weekdays: [...weekdays],
    hour,
    since: at,
    configured: true,
    version: 1,
    updatedAt: at,
    updatedBy: "configuration",
  };
}

/** Of one address always the same, so that what became of a default is found again. */
export function defaultId({ email }: Pick<Manager, "email">): string {
  return `owner-${digestOf([email.toLowerCase()], 12)}`;
}

/** The next version of a default that the configuration has changed since; undefined when it is as it says. */
export function reconfigured(standing: Subscription, manager: Manager, hour: number, since: Date) {
  if (standing.configured === undefined) return undefined;
  const isMoved = standing.hour !== hour;
  if (!isMoved && standing.recipient.name === manager.name) return undefined;
  const fresh = defaultSubscription(manager, hour, since);
  return {
    ...standing,
    recipient: fresh.recipient,
    hour,
    ...(isMoved && { since: fresh.since }),
    version: standing.version + 1,
    updatedAt: fresh.updatedAt,
    updatedBy: fresh.updatedBy,
  };
}
