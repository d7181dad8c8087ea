import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { contactPk } from "../events/event-keys.ts";
import type { Table } from "../table/client.ts";
import { type RunGate, runGateOf } from "./run-gate.ts";

export type ReadRunGate = (contactId: string, runSk: string) => Promise<RunGate>;

/** Reads run and journey consistently: an exit or a pause that is written counts for every mail sent after it. */
export function readRunGateFrom(table: Table): ReadRunGate {
  const read = async (pk: string, sk: string) =>
    (await table.client.send(new GetCommand({ TableName: table.name, Key: { pk, sk }, ConsistentRead: true }))).Item;
  return async (contactId, runSk) => {
    const journeyId = /^RUN#([^#]+)#/.exec(runSk)?.[1] ?? "";
    const [run, journey] = await Promise.all([
      read(contactPk(contactId), runSk),
      read(`JOURNEY#${journeyId}`, "JOURNEY"),
    ]);
    return runGateOf(run, journey);
  };
}
