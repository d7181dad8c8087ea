import * as z from "zod";
import type { Table } from "../../shared/table/client.ts";

const one = z.object({ CapacityUnits: z.number() });
const answerSchema = z.object({ ConsumedCapacity: z.union([one, z.array(one)]) });

/** Counts the units that a table's client uses from now on, index writes included, as the engine reports them. */
export function meterOf(table: Table) {
  const used = { write: 0, read: 0 };
  table.client.middlewareStack.add(
    (next, { commandName = "" }) =>
      async (args) => {
        const result = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: "TOTAL" } });
        // Scans are the tests' own.
        if (commandName.startsWith("Scan")) return result;
        const units = [answerSchema.parse(result.output).ConsumedCapacity].flat();
        const kind = /^(Put|Update|Delete)/.test(commandName) ? "write" : "read";
        used[kind] += units.reduce((sum, { CapacityUnits }) => sum + CapacityUnits, 0);
        return result;
      },
    { step: "initialize", priority: "high" },
  );
  return used;
}
