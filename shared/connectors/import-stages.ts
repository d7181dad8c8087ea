import type { BatchQueue } from "../queues/batch-queue.ts";
import { reconciliationDiffers } from "../runtime/metric-names.ts";
import type { Stage } from "../stream/stage.ts";
import type { Table } from "../table/client.ts";
import type { ConnectorMessage } from "./connector-message.ts";
import { firstImportId, importSchema, newImport } from "./import.ts";
import { putImport } from "./import-store.ts";
import { differs } from "./reconciliation.ts";
import { sourceSchema } from "./source.ts";

/** Connecting a shop's API imports its order history, once. */
export function connectStage({ table }: { readonly table: Table }): Stage {
  return {
    name: "first-import",
    kind: "source",
    wants: ({ item, previous }) => item.address !== undefined && previous?.address === undefined,
    async run({ item }) {
      const { source, connectedAt } = sourceSchema.parse(item);
      await putImport(table, newImport({ source, importId: firstImportId, startedAt: connectedAt }));
    },
  };
}

/** A reconciliation that still finds a difference at its second look rings the operator. */
export function reconciliationStage({ count }: { readonly count: (metric: string) => void }): Stage {
  return {
    name: "reconciliation",
    kind: "import",
    wants: ({ item, previous }) => item.comparison !== undefined && item.state === "done" && previous?.state !== "done",
    async run({ item }) {
      const { comparison } = importSchema.parse(item);
      if (comparison !== undefined && differs(comparison)) count(reconciliationDiffers);
    },
  };
}

/** A running import asks for its next page; each of its states for one. */
export function importPageStage({ sendConnectors }: { readonly sendConnectors: BatchQueue<ConnectorMessage> }): Stage {
  return {
    name: "import-page",
    kind: "import",
    wants: ({ item }) => item.state === "running",
    async run({ item }) {
      const { source, importId, version, waitSeconds = 0 } = importSchema.parse(item);
      await sendConnectors({ type: "page", source, importId, version }, waitSeconds);
    },
  };
}
