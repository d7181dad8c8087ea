import * as z from "zod/mini";
import { type Campaign, campaignSchema } from "../email/campaign.ts";
import type { Event } from "../events/event.ts";
import { digestOf } from "../table/hash.ts";

/** The events that results count, and what each is called there. */
export const factOfEvent = {
  "Email Sent": "sent",
  "Email Skipped": "skipped",
  "Email Unconfirmed": "unconfirmed",
  "Email Held Out": "heldOut",
  "Email Overtaken": "overtaken",
  "Email Delivered": "delivered",
  "Email Opened": "opened",
  "Email Link Clicked": "clicked",
  "Email Bounced": "bounced",
  "Email Marked as Spam": "complained",
  Unsubscribed: "unsubscribed",
} as const;
export type FactName = (typeof factOfEvent)[keyof typeof factOfEvent];

/** Which of a campaign's lines a mail belongs to. */
export const lineSchema = z.object({
  version: z.optional(z.number()),
  stepId: z.optional(z.string()),
  variant: z.optional(z.string()),
  /** `<template id>@<version>`; of a mail that was held out, the id alone. */
  template: z.optional(z.string()),
});
export type Line = z.infer<typeof lineSchema>;

/** One mail of a campaign as results know it: no contact id, so that erasing a person leaves the counts right. */
export const mailSchema = z.extend(lineSchema, {
  /** A one-way hash that tells the mail from others. */
  mail: z.string(),
  /** When it was asked for: the day that all its facts are counted on. */
  askedAt: z.string(),
  /** The run's or broadcast's first mail behind a split: it is part of the comparison with those held out. */
  trial: z.optional(z.literal(true)),
});
export type Mail = z.infer<typeof mailSchema>;

/** Something that happened to a mail. The same fact has the same id, however often it is told. */
export const mailFactSchema = z.extend(mailSchema, {
  id: z.string(),
  fact: z.enum(Object.values(factOfEvent)),
  at: z.string(),
  machine: z.optional(z.literal(true)),
  /** A hash of the link that was clicked. */
  link: z.optional(z.string()),
  /** Why it was skipped. */
  reason: z.optional(z.string()),
});
export type MailFact = z.infer<typeof mailFactSchema>;

/** What the event of a mail says of it. */
const propertiesSchema = z.object({
  messageKey: z.optional(z.string()),
  template: z.optional(z.string()),
  campaign: z.optional(campaignSchema),
  requestedAt: z.optional(z.string()),
  link: z.optional(z.string()),
  machine: z.optional(z.literal(true)),
  reason: z.optional(z.string()),
});

type Told = Readonly<Record<string, unknown>>;

/** Whether an event may be a fact of a campaign's mail. */
export function isMailEvent(event: Told): boolean {
  if (typeof event.name !== "string" || !Object.hasOwn(factOfEvent, event.name)) return false;
  return isUnsubscription(event) || propertiesSchema.safeParse(event.properties).data?.campaign !== undefined;
}

/** Whether all marketing ended; the event names the mail whose link was followed, and not what that was sent for. */
export function isUnsubscription({ name }: Told): boolean {
  return name === "Unsubscribed";
}

/** The mail and the campaign that an event tells of; undefined for mail that was sent for none. */
export function mailOf(event: Event): (Mail & { readonly campaign: Campaign }) | undefined {
  const { messageKey, template, campaign, requestedAt } = propertiesSchema.safeParse(event.properties).data ?? {};
  if (campaign === undefined) return undefined;
  const { version, stepId, variant, first, type } = campaign;
  const trial = variant !== undefined && (first === true || type === "broadcast");
  return {
    campaign,
    mail: digestOf(["result", event.pk, messageKey ?? event.eventId], 16),
    askedAt: requestedAt ?? event.occurredAt,
    ...(version !== undefined && { version }),
    ...(stepId !== undefined && { stepId }),
    ...(variant !== undefined && { variant }),
    ...(template !== undefined && { template }),
    ...(trial && { trial }),
  };
}

/** An event as a fact of its mail; undefined when it is none. */
export function mailFactOf(event: Event): { readonly campaign: Campaign; readonly fact: MailFact } | undefined {
  const told = mailOf(event);
  const name = Object.entries(factOfEvent).find(([eventName]) => eventName === event.name)?.[1];
  if (told === undefined || name === undefined) return undefined;
  const { campaign, ...mail } = told;
  const { link, machine, reason } = propertiesSchema.parse(event.properties);
  const fact: MailFact = {
    ...mail,
    id: digestOf(["result", event.eventId], 16),
    fact: name,
    at: event.occurredAt,
    ...(machine && { machine }),
    ...(link !== undefined && name === "clicked" && { link: digestOf([link], 8) }),
    ...(reason !== undefined && name === "skipped" && { reason: reason.slice(0, 60) }),
  };
  return { campaign, fact };
}

/** A campaign as keys name it, `journey#abandoned-cart`. */
export type CampaignName = Pick<Campaign, "type" | "id">;

export function campaignKey({ type, id }: CampaignName): string {
  return `${type}#${id}`;
}

/** What happened to a campaign's mails that were asked for on a UTC date. */
export function resultPk(campaign: CampaignName, utcDate: string): string {
  return `RESULT#${campaignKey(campaign)}#${utcDate}`;
}

/** The campaign and the UTC date of such a partition. */
export function placeOfPk(pk: string): { readonly campaign: CampaignName; readonly utcDate: string } {
  const [, type, id, utcDate] = /^RESULT#(journey|broadcast)#([\w-]+)#(\d{4}-\d{2}-\d{2})$/.exec(pk) ?? [];
  if ((type !== "journey" && type !== "broadcast") || id === undefined || utcDate === undefined) {
    throw new Error("not the partition of a campaign's results");
  }
  return { campaign: { type, id }, utcDate };
}

export function resultPkOf(campaign: CampaignName, { askedAt }: Pick<Mail, "askedAt">): string {
  return resultPk(campaign, askedAt.slice(0, 10));
}
