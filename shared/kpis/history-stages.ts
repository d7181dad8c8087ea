import type { BatchQueue } from "../queues/batch-queue.ts";
import type { Stage } from "../stream/stage.ts";
import { catalogueSeconds } from "./catalogue-store.ts";
import { countingSchema } from "./counting-store.ts";
import { afterWalk, type HistoryMessage, walkSchema } from "./history.ts";

export interface HistoryStageDependencies {
  readonly sendHistory: BatchQueue<HistoryMessage>;
}

/** When every process knows a new catalogue, and a little later: clocks may be apart. */
const planDelaySeconds = 2 * catalogueSeconds + 5;

/** KPIs that were defined, changed or deleted have their history looked at, once every process knows of them. */
export function catalogueStage({ sendHistory }: HistoryStageDependencies): Stage {
  return {
    name: "kpi-catalogue",
    kind: "kpiCatalogue",
    wants: ({ item, previous }) => item.version !== previous?.version,
    run: () => sendHistory({ type: "plan" }, planDelaySeconds),
  };
}

/** A walk that begins, and each page of it that is done, starts the next pages; its end starts the counting. */
export function walkStage({ sendHistory }: HistoryStageDependencies): Stage {
  return {
    name: "kpi-walk",
    kind: "kpiWalk",
    wants: () => true,
    async run({ item, previous }) {
      const messages = afterWalk(walkSchema.parse(item.walk), previous && walkSchema.parse(previous.walk));
      await Promise.all(messages.map((message) => sendHistory(message)));
    },
  };
}

/** A turn of the counting that is asked for begins. */
export function countingStage({ sendHistory }: HistoryStageDependencies): Stage {
  return {
    name: "kpi-counting",
    kind: "kpiCounting",
    wants: ({ item }) => item.open === true,
    run: ({ item }) => sendHistory({ type: "count", turn: countingSchema.parse(item).turn }),
  };
}
