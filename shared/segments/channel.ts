import type { Facts } from "./facts.ts";

/** How a contact can be reached. */
export const channels = ["email", "sms", "phone"] as const;
export type Channel = (typeof channels)[number];

/** The attributes by which a shop, a form's script or a server tells the channel that somebody prefers. */
export const preferenceTraits = ["preferredChannel", "preferred_channel"] as const;

/**
 * The channels to reach a contact by: the one that is preferred, if it works; else all that work. An address that is
 * suppressed does not, and a known telephone number takes calls and messages alike.
 */
export function channelsOf({ contact, suppressed }: Pick<Facts, "contact" | "suppressed">): readonly Channel[] {
  const byPhone = contact.fields.phone !== undefined;
  const works = { email: contact.email !== undefined && !suppressed, sms: byPhone, phone: byPhone };
  const working = channels.filter((channel) => works[channel]);
  const told = preferenceTraits.map((trait) => contact.traits[trait]?.value).find((value) => value !== undefined);
  const preferred = working.filter((channel) => channel === String(told).trim().toLowerCase());
  return preferred.length > 0 ? preferred : working;
}
