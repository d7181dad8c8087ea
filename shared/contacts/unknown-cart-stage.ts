import * as z from "zod/mini";
import { intakeSchema } from "../intake/intake.ts";
import type { Stage } from "../stream/stage.ts";
import type { Table } from "../table/client.ts";
import { countUnknownCart, forgetUnknownCart } from "./unknown-cart-store.ts";

/** Taking something out says neither that a cart is there nor that it is empty. */
const tellingNames: readonly unknown[] = ["Product Added", "Cart Viewed", "Checkout Started"];
const payloadSchema = z.object({
  source: z.string(),
  email: z.optional(z.string()),
  anonymousId: z.optional(z.string()),
  properties: z.object({
    cartId: z.optional(z.string()),
    checkoutId: z.optional(z.string()),
    products: z.optional(z.array(z.unknown())),
  }),
});

/**
 * Carts of people not yet known are counted and never mailed. Every fact of a cart ends by being somebody's or by being
 * forgotten after 30 days, and its last change decides. A fact that names an address is somebody's from the start.
 */
export function unknownCartStage({ table }: { readonly table: Table }): Stage {
  return {
    name: "unknown-cart",
    kind: "intake",
    wants: ({ item, previous }) => item.type === "track" && (previous === undefined || item.contactId !== undefined),
    async run({ item }) {
      const intake = intakeSchema.parse(item);
      if (intake.type !== "track" || !tellingNames.includes(intake.payload.event)) return;
      const { source, email, anonymousId, properties } = payloadSchema.parse(intake.payload);
      const { cartId, checkoutId, products } = properties;
      const tokens = [cartId, checkoutId].filter((token) => token !== undefined);
      // A visitor's cart without a token is the only one they have.
      const [token, ...others] = tokens.length > 0 ? tokens : [anonymousId];
      if (token === undefined || email !== undefined) return;
      const { contactId, occurredAt, receivedAt } = intake;
      for (const each of [token, ...others].filter((one) => one !== undefined)) {
        if (contactId !== undefined) await forgetUnknownCart(table, source, each);
        else {
          const countsElsewhere = each !== token;
          const isEmpty = countsElsewhere || products?.length === 0;
          await countUnknownCart(table, source, { token: each, occurredAt, receivedAt, isEmpty, countsElsewhere });
        }
      }
    },
  };
}
