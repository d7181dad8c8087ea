import * as z from "zod/mini";
import { isOrdering } from "../events/commerce.ts";
import type { TrackPayload } from "../intake/intake.ts";
import { digestOf } from "../table/hash.ts";
import type { Key } from "../table/item.ts";
import { orderKey } from "./order-keys.ts";

/** Something that a person is known by before, or beside, an address. */
export interface Alias {
  readonly type: "user" | "anonymous" | "cart" | "checkout" | "order";
  /** Where what is told of it waits while nobody knows whose it is. */
  readonly waitsAt: string;
  /** The item that says whose it is. */
  readonly joined: Key;
  /** So short that somebody else may guess it, or have the same. */
  readonly isGuessable?: boolean;
}

/** The account that a shop or a server has of a person. */
export function userAlias(source: string, userId: string): Alias {
  const joined = { pk: `IDENTITY#user#${source}#${userId}`, sk: "IDENTITY" };
  return { type: "user", waitsAt: waitingPk("user", source, userId), joined };
}

/** Random tokens are the same at every source; a shorter one may be a number that two sources count by themselves. */
const surelyRandom = 16;

function tokenAlias(type: "anonymous" | "cart" | "checkout", source: string, token: string): Alias {
  const isGuessable = token.length < surelyRandom;
  const waitsAt = waitingPk(type, isGuessable ? source : "", token);
  return { type, waitsAt, joined: { pk: waitsAt, sk: "JOINED" }, isGuessable };
}

/** What is taken back of an order, or changed of it, is its buyer's. */
function orderAlias({ source, properties: { orderId, test } }: TrackPayload): Alias | undefined {
  if (typeof orderId !== "string") return undefined;
  const origin = [test === true ? "test order" : "order", source, orderId];
  return { type: "order", waitsAt: orderWaitsAt(origin), joined: orderKey(origin) };
}

/** Where waits what is told of an order before the order itself. */
export function orderWaitsAt(origin: readonly string[]): string {
  return waitingPk(...origin);
}

function waitingPk(...parts: readonly string[]): string {
  return `ANON#${digestOf(parts)}`;
}

/** What a cart and the checkout that it became are known by. */
export function basketAliases(
  source: string,
  { cartId, checkoutId }: Readonly<Record<string, unknown>>,
): readonly Alias[] {
  return [
    ...(typeof cartId === "string" ? [tokenAlias("cart", source, cartId)] : []),
    ...(typeof checkoutId === "string" ? [tokenAlias("checkout", source, checkoutId)] : []),
  ];
}

/** What a call says its person is known by, the surest first. */
export function aliasesOf(payload: TrackPayload): readonly Alias[] {
  const { event, source, userId, anonymousId, properties } = payload;
  const aliases = [
    userId === undefined ? undefined : userAlias(source, userId),
    isOrdering(event) ? undefined : orderAlias(payload),
    anonymousId === undefined ? undefined : tokenAlias("anonymous", source, anonymousId),
    ...basketAliases(source, properties),
  ];
  return aliases.filter((alias) => alias !== undefined);
}

/** Says whose an alias is. Written once; what was but claimed yields to what a server tells. */
export const joinedSchema = z.object({
  pk: z.string(),
  sk: z.string(),
  contactId: z.string(),
  /** A browser alone says so: whoever has the public key may name any address. */
  claimed: z.optional(z.literal(true)),
  /** Where what was told before waits. */
  waitsAt: z.string(),
});
export type Joined = z.infer<typeof joinedSchema>;

/** A fact that waits for its person to be known: it names the intake item, which has it all. */
export const waitingSchema = z.object({
  pk: z.string(),
  sk: z.string(),
  kind: z.literal("waiting"),
  intakeId: z.string(),
  /** The item that will say whose it is. */
  joined: z.object({ pk: z.string(), sk: z.string() }),
  expiresAt: z.number(),
});
