import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { broadcastKey } from "../broadcasts/broadcast.ts";
import { contactPk } from "../events/event-keys.ts";
import type { Table } from "../table/client.ts";
import type { Key } from "../table/item.ts";
import { broadcastGateOf, type Gate, runGateOf } from "./gate.ts";
import type { MailMessage } from "./mail-message.ts";

export type ReadGate = (message: Pick<MailMessage, "owner" | "run" | "campaign">) => Promise<Gate>;

/**
 * Reads run and journey, or the broadcast, consistently: an exit, a pause or a cancellation that is written counts for
 * every mail sent after it. Other mail reads nothing.
 */
export function readGateFrom(table: Table): ReadGate {
  const read = async ({ pk, sk }: Key) =>
    (await table.client.send(new GetCommand({ TableName: table.name, Key: { pk, sk }, ConsistentRead: true }))).Item;
  return async ({ owner, run, campaign }) => {
    if (campaign?.type === "broadcast") return broadcastGateOf(await read(broadcastKey(campaign.id)));
    if (run === undefined || !("contactId" in owner)) return "open";
    const journeyId = /^RUN#([^#]+)#/.exec(run.sk)?.[1] ?? "";
    const [item, journey] = await Promise.all([
      read({ pk: contactPk(owner.contactId), sk: run.sk }),
      read({ pk: `JOURNEY#${journeyId}`, sk: "JOURNEY" }),
    ]);
    return runGateOf(item, journey);
  };
}
