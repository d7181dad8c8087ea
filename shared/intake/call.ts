import * as z from "zod/mini";
import { DomainError, type Violation } from "../errors.ts";
import { eventNameSchema } from "../events/event.ts";
import { reservedNames } from "../events/vocabulary.ts";
import { parsePart } from "../http/request.ts";
import { ownTimeZone } from "../time-zone.ts";
import {
  cartFrom,
  cartInputSchema,
  orderFrom,
  orderInputSchema,
  paymentFrom,
  paymentInputSchema,
  productEventFrom,
  productInputSchema,
  takenBackFrom,
  takenBackInputSchema,
} from "./commerce-input.ts";
import type { CallType, Envelope } from "./envelope.ts";
import { flatten } from "./flat-properties.ts";
import { personFrom } from "./person-input.ts";
import { dealFrom, dealInputSchema, ticketFrom, ticketInputSchema } from "./sales-input.ts";

/** What a call says happened. */
export interface Told {
  readonly event: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

type Outcome = Readonly<Record<string, unknown>> | readonly Violation[];
type Reader = (properties: unknown) => Outcome;

const place = "/properties";
const product: Reader = (given) => productEventFrom(parsePart(productInputSchema, given, place));
const cart: Reader = (given) => cartFrom(parsePart(cartInputSchema, given, place));
const order: Reader = (given) => orderFrom(parsePart(orderInputSchema, given, place));
const takenBack =
  (needsAmount: boolean): Reader =>
  (given) =>
    takenBackFrom(parsePart(takenBackInputSchema, given, place), needsAmount);

const payment: Reader = (given) => paymentFrom(parsePart(paymentInputSchema, given, place));
const deal: Reader = (given) => dealFrom(parsePart(dealInputSchema, given, place));
const ticket: Reader = (given) => ticketFrom(parsePart(ticketInputSchema, given, place));

/** How the properties of what is told of shops, deals and tickets are read. */
const readers: ReadonlyMap<string, Reader> = new Map([
  ["Product Viewed", product],
  ["Product Added", product],
  ["Product Removed", product],
  ["Cart Viewed", cart],
  ["Checkout Started", cart],
  ["Order Placed", order],
  ["Order Completed", order],
  ["Order Updated", order],
  ["Order Refunded", takenBack(true)],
  ["Order Cancelled", takenBack(false)],
  ["Payment Received", payment],
  ["Deal Created", deal],
  ["Deal Stage Changed", deal],
  ["Deal Won", deal],
  ["Deal Lost", deal],
  ["Ticket Opened", ticket],
  ["Ticket First Reply", ticket],
  ["Ticket Resolved", ticket],
  ["Ticket Reopened", ticket],
]);

/**
 * What a call tells, in our own shapes.
 *
 * @throws DomainError invalid_input with everything that is wrong.
 */
export function toldBy(type: CallType, envelope: Envelope): Told {
  switch (type) {
    case "track":
      return tracked(envelope);
    case "identify":
      return { event: "Identified", properties: read(personFrom(traitsOf(envelope))) };
    case "alias":
      return { event: "Identified", properties: { fields: {}, traits: {} } };
    case "page":
      return { event: "Page Viewed", properties: visited(envelope) };
    case "screen":
      return { event: "Screen Viewed", properties: visited(envelope) };
  }
}

/** What the call says of the person; the zone in which its library runs fills a blank. */
function traitsOf({ context, traits }: Envelope): Readonly<Record<string, unknown>> {
  const timezone = ownTimeZone(context);
  return { ...(timezone !== undefined && { timezone }), ...context?.traits, ...traits };
}

function tracked({ event, properties }: Envelope): Told {
  const name = parsePart(eventNameSchema, event, "/event");
  if (reservedNames.has(name)) {
    throw refusal([{ pointer: "/event", code: "reserved_event", message: `"${name}" is told by Rapport alone` }]);
  }
  const { email: _, ...others } = properties ?? {};
  const reader = readers.get(name);
  return { event: name, properties: reader ? read(reader(others)) : flat(others, place) };
}

const campaignSchema = z.record(z.string(), z.unknown());

/** The page's own properties; what the library says of page and campaign fills blanks. */
function visited({ name, properties, context }: Envelope): Readonly<Record<string, unknown>> {
  const { email: _, ...own } = properties ?? {};
  const campaign = Object.entries(campaignSchema.parse(context?.campaign ?? {}));
  const utm = Object.fromEntries(campaign.map(([key, value]) => [`utm_${key === "name" ? "campaign" : key}`, value]));
  return flat({ ...context?.page, ...utm, ...(name && { name }), ...own }, place);
}

function flat(given: Readonly<Record<string, unknown>>, where: string): Readonly<Record<string, unknown>> {
  const flattened = flatten(given, where);
  return "kept" in flattened ? flattened.kept : read(flattened);
}

function read(outcome: Outcome): Readonly<Record<string, unknown>> {
  if (isViolations(outcome)) throw refusal(outcome);
  return outcome;
}

function isViolations(outcome: Outcome): outcome is readonly Violation[] {
  return Array.isArray(outcome);
}

/** The refusal of an event. */
export function refusal(violations: readonly Violation[]): DomainError {
  const [first] = violations;
  return new DomainError("invalid_input", `Nothing was stored: ${first?.pointer} ${first?.message}.`, {
    errors: violations,
  });
}
