import { putDue } from "../due/due-store.ts";
import type { BatchQueue } from "../queues/batch-queue.ts";
import type { Stage } from "../stream/stage.ts";
import type { Table } from "../table/client.ts";
import { type ErasureMessage, type ErasuresMessage, erasureSchema } from "./erasure.ts";

export interface ErasureDependencies {
  readonly table: Table;
  readonly sendErasure: BatchQueue<ErasuresMessage>;
  readonly now: () => Date;
}

/** Each version of an erasure's record asks for its next pass, at once or as a due item. */
export function erasureStage({ table, sendErasure, now }: ErasureDependencies): Stage {
  return {
    name: "erasure",
    kind: "erasure",
    wants: ({ item, previous }) => item.nextAt !== undefined && item.version !== previous?.version,
    async run({ item }) {
      const { contactId, version, nextAt } = erasureSchema.parse(item);
      if (nextAt === undefined) return;
      const message: ErasureMessage = { contactId, version };
      const at = new Date(nextAt);
      if (at.getTime() <= now().getTime()) await sendErasure(message);
      else await putDue(table, { at, id: `erasure-${contactId}`, queue: "erasures", body: message });
    },
  };
}
