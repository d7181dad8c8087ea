import { putEntry } from "../kpis/entry-store.ts";
import type { Stage } from "../stream/stage.ts";
import type { Table } from "../table/client.ts";
import { actionSchema } from "./action.ts";
import { readAction } from "./action-store.ts";
import { promiseEntries } from "./promise.ts";

/** Keeps what KPIs count of a promise whose day is over as the action is now; before, the follow-up comes on the day after. */
export function promiseEntryStage({
  table,
  timeZone,
  now,
}: {
  readonly table: Table;
  readonly timeZone: string;
  readonly now: () => Date;
}): Stage {
  return {
    name: "kpi-promise",
    kind: "action",
    wants: ({ item, previous }) => item.version !== previous?.version,
    async run({ item }) {
      // A record that comes late may tell of a due day that has been moved since.
      const action = await readAction(table, actionSchema.parse(item).id);
      if (action === undefined) return;
      for (const entry of promiseEntries(action, timeZone, now())) await putEntry(table, entry);
    },
  };
}
