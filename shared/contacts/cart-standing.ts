import { type Cart, openCartsOf } from "./cart.ts";
import { placeOf } from "./folded-events.ts";
import type { Profile } from "./profile-schema.ts";

/** What of a profile tells how a cart stands. */
export type KnownCarts = Pick<Profile, "carts" | "ring" | "floor">;

/** A cart as an event told of it. */
export interface ToldCart {
  readonly cartId?: string | undefined;
  readonly checkoutId?: string | undefined;
  /** What a run calls it. */
  readonly id?: string | undefined;
  /** The mark of the event; without it, nobody can say whether the profile has heard of it. */
  readonly mark?: string | undefined;
}

/**
 * How a cart stands that an event told of: open, with its token; `gone` when the profile has heard of it and holds it open
 * no more (it was emptied or ordered, or five others were touched since); `unknown` while the profile has not heard of it.
 */
export function standingOf(
  known: KnownCarts,
  { cartId, checkoutId, id, mark }: ToldCart,
): { readonly token: string; readonly cart: Cart } | "gone" | "unknown" {
  const [token] = [...openCartsOf(known.carts, { cartId, checkoutId }), ...openCartsOf(known.carts, { cartId: id })];
  const cart = token === undefined ? undefined : known.carts[token];
  if (token !== undefined && cart !== undefined) return { token, cart };
  return mark !== undefined && placeOf(known, mark) !== "new" ? "gone" : "unknown";
}
