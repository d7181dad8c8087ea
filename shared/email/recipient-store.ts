import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { contactKey, isErasure } from "../contacts/contact.ts";
import type { Table } from "../table/client.ts";
import { type Recipient, recipientOf } from "./recipient.ts";

/** `absent` when there is no contact, or not yet: stages rely on no order. */
export type ReadRecipient = (contactId: string) => Promise<Recipient | "absent" | "erased" | "no address">;

/** Reads a contact as the recipient of a mail, consistently. */
export function readRecipientFrom(table: Table): ReadRecipient {
  return async (contactId) => {
    const { Item } = await table.client.send(
      new GetCommand({ TableName: table.name, Key: contactKey(contactId), ConsistentRead: true }),
    );
    if (Item === undefined) return "absent";
    if (isErasure(Item)) return "erased";
    return recipientOf(Item) ?? "no address";
  };
}
