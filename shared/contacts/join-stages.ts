import { isCartEvent, isOrdering } from "../events/commerce.ts";
import { contactOf, eventSchema } from "../events/event.ts";
import { intakeSchema } from "../intake/intake.ts";
import type { Stage } from "../stream/stage.ts";
import type { Table } from "../table/client.ts";
import type { ItemKind } from "../table/item.ts";
import { type Alias, aliasesOf, basketAliases, joinedSchema, waitingSchema } from "./alias.ts";
import { findJoined, fixContact, isClaimed, joinAlias, readWaiting } from "./alias-store.ts";
import { endCart, endOrderedCart } from "./cart-end-store.ts";

interface Dependencies {
  readonly table: Table;
  readonly now: () => Date;
}

/** Once it is known whose a fact is, all that it is known by is that person's: each alias once, for the first. */
export function joinStage({ table, now }: Dependencies): Stage {
  return {
    name: "join",
    kind: "intake",
    wants: ({ item, previous }) =>
      item.type === "track" && item.contactId !== undefined && previous?.contactId === undefined,
    async run({ item }) {
      const intake = intakeSchema.parse(item);
      if (intake.type !== "track" || intake.contactId === undefined) return;
      const { contactId, occurredAt, payload } = intake;
      const claimed = (await isClaimed(table, payload, contactId)) || undefined;
      for (const alias of aliasesOf(payload).filter((alias) => isJoined(alias, payload.event))) {
        const holder = await joinAlias(table, alias, { contactId, claimed }, now());
        if (holder === undefined || holder === contactId || !isCartEvent(payload.event)) continue;
        await endOrderedCart(table, contactId, { occurredAt, properties: payload.properties }, holder);
      }
    },
  };
}

/** An order becomes somebody's by being told, not by what is told of it; its cart, once it stands on the buyer's timeline. */
function isJoined({ type }: Alias, event: string): boolean {
  return type !== "order" && !(event.startsWith("Order ") && (type === "cart" || type === "checkout"));
}

/**
 * The cart of an order is its buyer's; one that is somebody's already ends with it. Cart and order may come in any order:
 * of the two the later one finds the other, since each stands on its timeline before it asks for the cart's token.
 */
export function orderedCartStage({ table, now }: Dependencies): Stage {
  return {
    name: "ordered-cart",
    kind: "event",
    wants: ({ item, previous }) => previous === undefined && isOrdering(String(item.name)),
    async run({ item }) {
      const order = eventSchema.parse(item);
      const buyer = contactOf(order);
      for (const alias of basketAliases(order.source, order.properties)) {
        const holder = await joinAlias(table, alias, { contactId: buyer }, now());
        if (holder !== undefined && holder !== buyer) await endCart(table, holder, order);
      }
    },
  };
}

/** A fact that began to wait just when its person became known waits no longer. */
export function waitingStage({ table, now }: Dependencies): Stage {
  return {
    name: "waiting",
    kind: "waiting",
    wants: () => true,
    async run({ item }) {
      const { intakeId, joined } = waitingSchema.parse(item);
      const contactId = await findJoined(table, joined, { consistent: true });
      if (contactId !== undefined) await fixContact(table, intakeId, contactId, now());
    },
  };
}

/** Somebody who becomes known gets all that waited: each fact by its own intake item, whose contact is fixed once. */
function releaseStage(kind: Extract<ItemKind, "joined" | "order">, { table, now }: Dependencies): Stage {
  return {
    name: `release-${kind}`,
    kind,
    wants: ({ item, previous }) => previous === undefined && item.contactId !== undefined,
    async run({ item }) {
      const { contactId, waitsAt } = joinedSchema.parse(item);
      for await (const intakeId of readWaiting(table, waitsAt)) await fixContact(table, intakeId, contactId, now());
    },
  };
}

export const releaseStages = (deps: Dependencies): readonly Stage[] => [
  releaseStage("joined", deps),
  releaseStage("order", deps),
];
