import * as z from "zod/mini";
import type { Recipient } from "./recipient.ts";

const cartSchema = z.looseObject({ id: z.optional(z.string()), cartId: z.optional(z.string()) });

/** What a mail merges, with the cart as it is now rather than as it was when the mail was asked for. */
export function withCurrentCart(
  data: Readonly<Record<string, unknown>>,
  { carts }: Pick<Recipient, "carts">,
): Readonly<Record<string, unknown>> {
  const remembered = cartSchema.safeParse(data.cart).data;
  const id = remembered?.id ?? remembered?.cartId;
  const current = id === undefined ? undefined : cartSchema.safeParse(carts?.[id]).data;
  return current === undefined ? data : { ...data, cart: { ...remembered, ...current } };
}
