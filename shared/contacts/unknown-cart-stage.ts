import * as z from "zod/mini";
import { intakeSchema } from "../intake/intake.ts";
import type { Stage } from "../stream/stage.ts";
import type { Table } from "../table/client.ts";
import { countUnknownCart, forgetUnknownCart } from "./unknown-cart-store.ts";

const cartNames: readonly unknown[] = ["Cart Viewed", "Checkout Started"];
const payloadSchema = z.object({
  source: z.string(),
  email: z.optional(z.string()),
  properties: z.object({ cartId: z.optional(z.string()), products: z.array(z.unknown()) }),
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
      if (intake.type !== "track" || !cartNames.includes(intake.payload.event)) return;
      const { source, email, properties } = payloadSchema.parse(intake.payload);
      const { cartId, products } = properties;
      if (cartId === undefined || email !== undefined) return;
      const { contactId, occurredAt, receivedAt } = intake;
      if (contactId !== undefined) await forgetUnknownCart(table, source, cartId);
      else await countUnknownCart(table, source, { cartId, occurredAt, receivedAt, isEmpty: products.length === 0 });
    },
  };
}
