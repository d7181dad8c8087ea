import { isCartEvent, isOrdering } from "../events/commerce.ts";
import type { Event } from "../events/event.ts";
import { type CartTokens, cartsAfter, openCartsOf, without } from "./cart.ts";
import { markOf } from "./folded-events.ts";
import type { Profile } from "./profile-schema.ts";
import { later } from "./profile-values.ts";

/** Tokens of the newest orders: what a shop tells of such a cart afterwards opens it no more. */
const mostClosed = 10;

/**
 * Whether an event can only be folded with its whole history: carts are folded in the order of time, and this one
 * happened before what was folded already.
 */
export function comesTooLateForCarts(profile: Profile, event: Event): boolean {
  const { cartMark, orderMark, carts } = profile;
  const mark = markOf(event);
  if (cartMark === undefined || mark > cartMark) return false;
  if (isCartEvent(event.name)) return orderMark === undefined || mark > orderMark;
  if (event.name === "Cart Ended") return true;
  // An order closes nothing where nothing is open; where something is, it may have emptied the cart in between.
  return isOrder(event) && Object.keys(carts).length > 0;
}

function isOrder({ name, properties }: Event): boolean {
  return isOrdering(name) && properties.test !== true;
}

/** When an order ended its carts: one that was paid later did so when it was placed. */
function orderedAt({ occurredAt, properties: { placedAt } }: Event): string {
  return typeof placedAt === "string" && placedAt < occurredAt ? placedAt : occurredAt;
}

/** What an event of a cart makes of a profile. A later order has closed it already. */
export function afterCartEvent(profile: Profile, event: Event): Partial<Profile> {
  const mark = markOf(event);
  const cartMark = later(profile.cartMark, mark);
  if (profile.orderMark !== undefined && mark < profile.orderMark) return { cartMark };
  return { carts: cartsAfter(profile.carts, event, profile.closedCarts.map(tokenOf)), cartMark };
}

/** An order ends the carts whose tokens it carries, and every cart before it. */
export function cartsAfterOrder(profile: Profile, event: Event): Partial<Profile> {
  const orderAt = orderedAt(event);
  const mark = markOf({ ...event, occurredAt: orderAt });
  const tokens = tokensOf(event);
  const closesAll = profile.cartMark === undefined || mark > profile.cartMark;
  const before = Object.keys(profile.carts).filter((token) => (profile.carts[token]?.at ?? "") < orderAt);
  return {
    closedCarts: closedAfter(profile, mark, tokens),
    orderMark: later(profile.orderMark, mark),
    carts: closesAll ? {} : without(profile.carts, [...before, ...openCartsOf(profile.carts, tokens)]),
  };
}

/** Somebody else's order of a cart ends that cart alone. */
export function afterCartEnded(profile: Profile, event: Event): Partial<Profile> {
  const mark = markOf(event);
  const tokens = tokensOf(event);
  return {
    closedCarts: closedAfter(profile, mark, tokens),
    carts: without(profile.carts, openCartsOf(profile.carts, tokens)),
    cartMark: later(profile.cartMark, mark),
  };
}

function tokensOf({ properties: { cartId, checkoutId } }: Event): CartTokens {
  return {
    cartId: typeof cartId === "string" ? cartId : undefined,
    checkoutId: typeof checkoutId === "string" ? checkoutId : undefined,
  };
}

function closedAfter({ closedCarts }: Profile, mark: string, { cartId, checkoutId }: CartTokens): string[] {
  const tokens = new Set([cartId, checkoutId].filter((token) => token !== undefined));
  const others = closedCarts.filter((entry) => !tokens.has(tokenOf(entry)));
  const closing = [...tokens].map((token) => {
    const held = closedCarts.find((entry) => tokenOf(entry) === token);
    return later(held, `${mark} ${token}`);
  });
  return [...others, ...closing].sort().slice(-mostClosed);
}

/** A closed cart is kept as the mark of its order, a space and its token. */
function tokenOf(entry: string): string {
  return entry.slice(entry.indexOf(" ") + 1);
}
