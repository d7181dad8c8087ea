import { contactOf, type Event, eventSchema } from "../events/event.ts";
import { readEvents } from "../events/event-store.ts";
import { dealEventSchema } from "../events/sales.ts";
import { dealNames } from "../events/vocabulary.ts";
import { relatedEvents } from "../kpis/event-facts.ts";
import type { Stage } from "../stream/stage.ts";
import type { Table } from "../table/client.ts";
import { pipelineDealOf } from "./pipeline-deal.ts";
import { putPipelineDeal } from "./pipeline-store.ts";

const names: ReadonlySet<string> = new Set(dealNames);

/** Keeps a deal of the pipeline as all events of it say, whichever of them comes last. */
export function pipelineStage({ table }: { readonly table: Table }): Stage {
  return {
    name: "pipeline",
    kind: "event",
    wants: ({ item, previous }) => previous === undefined && names.has(String(item.name)),
    async run({ item }) {
      const event = eventSchema.parse(item);
      // One that was kept before its name meant something tells no deal.
      const { data } = dealEventSchema.safeParse(event.properties);
      if (data === undefined) return;
      const timeline: Event[] = [];
      for await (const other of readEvents(table, contactOf(event))) if (names.has(other.name)) timeline.push(other);
      const deal = pipelineDealOf(data.dealId, relatedEvents(event, timeline));
      if (deal !== undefined) await putPipelineDeal(table, deal);
    },
  };
}
