import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { eventSchema } from "../events/event.ts";
import { putEvent } from "../events/event-store.ts";
import { emailOf, type Intake, intakeSchema } from "../intake/intake.ts";
import { intakeKey } from "../intake/intake-keys.ts";
import type { Stage } from "../stream/stage.ts";
import type { Table } from "../table/client.ts";
import { foldEvent } from "./contact-store.ts";
import { normaliseEmail } from "./email-address.ts";
import { claimEmail } from "./identity-store.ts";
import { eventOf } from "./intake-event.ts";
import { orderOrigin } from "./order-keys.ts";
import { claimOrder } from "./order-store.ts";
import { concernsProfile } from "./profile.ts";

/** Fixes on an intake item whose it is, before anything else is made of it. */
export function resolveStage({ table, newId }: { readonly table: Table; readonly newId: () => string }): Stage {
  return {
    name: "resolve",
    kind: "intake",
    wants: ({ item }) => item.contactId === undefined,
    async run({ item }) {
      const intake = intakeSchema.parse(item);
      const email = emailOf(intake);
      const contactId =
        email === undefined ? linkedContact(intake) : await claimEmail(table, normaliseEmail(email), newId);
      await fixContact(table, intake.intakeId, contactId);
    },
  };
}

function linkedContact(intake: Intake): string {
  if (intake.type === "unsubscribe" || intake.type === "confirm") return intake.payload.contactId;
  throw new Error(`an intake of type ${intake.type} names nobody`);
}

/** Sets the contact unless one is set, or the item has expired meanwhile. */
async function fixContact(table: Table, intakeId: string, contactId: string): Promise<void> {
  try {
    await table.client.send(
      new UpdateCommand({
        TableName: table.name,
        Key: intakeKey(intakeId),
        UpdateExpression: "SET contactId = :contactId",
        ConditionExpression: "attribute_exists(pk) AND attribute_not_exists(contactId)",
        ExpressionAttributeValues: { ":contactId": contactId },
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

/** Puts what arrived on the timeline of its contact; of two messages that tell of one order, the first. */
export function appendStage({ table }: { readonly table: Table }): Stage {
  return {
    name: "append",
    kind: "intake",
    wants: ({ item, previous }) => item.contactId !== undefined && previous?.contactId === undefined,
    async run({ item }) {
      const intake = intakeSchema.parse(item);
      const event = eventOf(intake);
      if (event === undefined) throw new Error("the intake has no contact yet");
      const origin = intake.type === "track" ? orderOrigin(intake.payload) : undefined;
      if (origin !== undefined && (await claimOrder(table, origin, intake.intakeId)) === "told before") return;
      await putEvent(table, event);
    },
  };
}

/** Folds an event into its contact's profile; the first one creates the contact. */
export function foldStage({ table }: { readonly table: Table }): Stage {
  return {
    name: "fold",
    kind: "event",
    wants: ({ item, previous }) => previous === undefined && concernsProfile(item),
    run: ({ item }) => foldEvent(table, eventSchema.parse(item)),
  };
}
