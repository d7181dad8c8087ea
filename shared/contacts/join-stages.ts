import { intakeSchema } from "../intake/intake.ts";
import type { Stage } from "../stream/stage.ts";
import type { Table } from "../table/client.ts";
import type { ItemKind } from "../table/item.ts";
import { aliasesOf, joinedSchema, waitingSchema } from "./alias.ts";
import { findJoined, fixContact, joinAlias, readWaiting } from "./alias-store.ts";

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
      for (const alias of aliasesOf(intake.payload)) {
        // An order becomes somebody's by being told, not by what is told of it.
        if (alias.type !== "order") await joinAlias(table, alias, intake.contactId, now());
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
