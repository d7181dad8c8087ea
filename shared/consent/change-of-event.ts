import * as z from "zod/mini";
import { addressHash } from "../contacts/email-address.ts";
import { contactOf, type Event, mayStart } from "../events/event.ts";
import { type Choice, formPayloadSchema, linkPayloadSchema, preferencesPayloadSchema } from "../intake/intake.ts";
import type { ConsentChange } from "./consent.ts";
import { type Act, bases } from "./standing.ts";

type Reader = (event: Event) => ConsentChange | undefined;

/** The events that say something of a consent, and how each is read. */
const readers: Readonly<Record<string, Reader>> = {
  "Form Submitted": ofForm,
  "Consent Confirmed": ofConfirmation,
  "Preferences Changed": ofPreferences,
  Unsubscribed: ofFormerLink,
  "Consent Changed": ofShop,
  "Consent Recorded": ofStaff,
} satisfies { readonly [Name in Event["name"]]?: Reader };

/** Whether an event may say something of a consent. */
export function concernsConsent(name: unknown): boolean {
  return typeof name === "string" && Object.hasOwn(readers, name);
}

/** What an event says of the consent of an address; undefined when it says nothing. */
export function changeOfEvent(event: Event): ConsentChange | undefined {
  return readers[event.name]?.(event);
}

function ofForm(event: Event): ConsentChange | undefined {
  const { formId, fields, marketing, consent } = formPayloadSchema.parse(event.properties);
  if (!marketing || consent === undefined || !mayStart(event)) return undefined;
  const { text, version, doubleOptIn, topics } = consent;
  const shown = { source: formId, text, textVersion: version, topics };
  const at = event.occurredAt;
  return {
    ...ownerOf(event, fields.email),
    acts: [
      doubleOptIn
        ? { type: "ask", at, by: "visitor", ...shown }
        : { type: "grant", at, by: "visitor", basis: "express", ...shown },
    ],
  };
}

function ofConfirmation(event: Event): ConsentChange {
  const { addressHash } = linkPayloadSchema.parse(event.properties);
  const act = { type: "confirm", at: event.occurredAt, by: "person", source: event.source } as const;
  return { addressHash, contactId: contactOf(event), acts: [act] };
}

function ofPreferences(event: Event): ConsentChange {
  const { addressHash, reference, ...choice } = preferencesPayloadSchema.parse(event.properties);
  const at = event.occurredAt;
  const acts = actsOfChoice(choice, { at, by: "person", source: event.source }, reference);
  const goesOn = acts.some(({ type }) => type === "grant");
  return {
    addressHash,
    contactId: contactOf(event),
    acts,
    ...((choice.choice === "pause" || goesOn) && { pause: { at, on: choice.choice === "pause" } }),
    ...(choice.frequency !== undefined && { frequency: { value: choice.frequency, at } }),
  };
}

/** A link's word was called so before it was told as a choice; now it is what follows from a withdrawal. */
function ofFormerLink(event: Event): ConsentChange | undefined {
  if (event.source !== "page") return undefined;
  return ofPreferences({ ...event, properties: { ...event.properties, choice: "none" } });
}

/** A page behind the person's own link: what is chosen there is confirmed by the same mailbox. */
function actsOfChoice(
  { choice, topics = {}, shown }: Choice,
  told: Pick<Act, "at" | "by" | "source">,
  reference: string | undefined,
): readonly Act[] {
  const grant = { ...told, type: "grant", basis: "confirmed", ...(shown !== undefined && { text: shown }) } as const;
  const withdrawal = { ...told, type: "withdraw", ...(reference !== undefined && { reference }) } as const;
  switch (choice) {
    case "all":
      return [grant];
    case "none":
      return [withdrawal];
    case "pause":
      return [];
    case "save": {
      const named = (wanted: "on" | "off") =>
        Object.keys(topics)
          .filter((topic) => topics[topic] === wanted)
          .sort();
      const [on, off] = [named("on"), named("off")];
      return [
        ...(on.length > 0 ? [{ ...grant, topics: on }] : []),
        ...(off.length > 0 ? [{ ...withdrawal, topics: off }] : []),
      ];
    }
  }
}

/** What a shop's webhook says of a consent. */
const reportSchema = z.object({
  email: z.string(),
  channel: z.string(),
  state: z.enum(["subscribed", "unsubscribed"]),
  dated: z.boolean(),
  confirmed: z.boolean(),
});

/**
 * A shop's word. Only a confirmation there whose time is known is the person's own act: a colleague, an import or an
 * old delivery would say the same of a mere subscription.
 */
function ofShop(event: Event): ConsentChange | undefined {
  const { email, channel, state, dated, confirmed } = reportSchema.parse(event.properties);
  if (channel !== "email") return undefined;
  const told = { at: event.occurredAt, source: event.source, heardAt: event.receivedAt };
  const grant = {
    ...told,
    type: "grant",
    by: confirmed && dated ? "person" : "shop",
    basis: confirmed ? "confirmed" : "express",
  } as const;
  const act = state === "subscribed" ? grant : ({ ...told, type: "withdraw", by: "shop" } as const);
  return { ...ownerOf(event, email), acts: [act] };
}

/** What a colleague recorded: a grant counts as long as the person never withdrew, a withdrawal always. */
export const recordedSchema = z.object({
  email: z.string(),
  state: z.enum(["subscribed", "unsubscribed"]),
  topics: z.optional(z.array(z.string())),
  basis: z.optional(z.enum(bases)),
  until: z.optional(z.string()),
  evidence: z.string(),
  by: z.string(),
});

function ofStaff(event: Event): ConsentChange {
  const { email, state, topics, basis, until, evidence, by } = recordedSchema.parse(event.properties);
  const told = { at: event.occurredAt, by: "staff", topics, source: by, text: evidence } as const;
  const act =
    state === "subscribed"
      ? ({ ...told, type: "grant", basis, until } as const)
      : ({ ...told, type: "withdraw" } as const);
  return { ...ownerOf(event, email), acts: [act] };
}

function ownerOf(event: Event, email: string) {
  return { addressHash: addressHash(email), address: email, contactId: contactOf(event) };
}
