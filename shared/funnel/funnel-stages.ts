import { eventSchema } from "../events/event.ts";
import type { Change, Stage } from "../stream/stage.ts";
import type { Table } from "../table/client.ts";
import { createMarker } from "../table/dirty-store.ts";
import { putNewer } from "../table/put-newer.ts";
import { type FunnelEntry, funnelEntryOf, utcDateOfEntry } from "./funnel-entry.ts";
import { lifecycleSchema } from "./lifecycle.ts";
import { moveOn } from "./lifecycle-store.ts";
import { keepStageRules } from "./stage-rule-store.ts";

/** Moves a contact on through awareness, consideration, decision, action and retention, by the rules that count now. */
export function lifecycleStage({ table, now }: { readonly table: Table; readonly now: () => Date }): Stage {
  const rules = keepStageRules(table, now);
  return {
    name: "lifecycle",
    kind: "event",
    wants: ({ previous }) => previous === undefined,
    run: async ({ item }) => moveOn(table, await rules(), eventSchema.parse(item)),
  };
}

/**
 * Keeps a contact's entry in the funnel as its stages say, and marks its day. Where the beginning moved, the entry of the
 * former day is withdrawn under the same version, so that no repeated writer brings it back.
 */
export function funnelEntryStage({ table }: { readonly table: Table }): Stage {
  const markDay = createMarker(table, "funnel");
  const put = async (entry: FunnelEntry) => {
    await putNewer(table, entry);
    await markDay(utcDateOfEntry(entry));
  };
  return {
    name: "funnel-entry",
    kind: "lifecycle",
    remembers: ["entered"],
    wants: ({ item, previous }) => item.version !== previous?.version,
    async run(change) {
      const { entry, former } = entriesOfChange(change);
      if (former !== undefined && `${former.pk} ${former.sk}` !== `${entry?.pk} ${entry?.sk}`) {
        await put({ ...former, version: Number(change.item.version), withdrawn: true });
      }
      if (entry !== undefined) await put(entry);
    },
  };
}

function entriesOfChange({ item, previous }: Change) {
  const lifecycle = lifecycleSchema.parse(item);
  const before = previous && lifecycleSchema.parse({ ...item, entered: previous.entered });
  return { entry: funnelEntryOf(lifecycle), former: before && funnelEntryOf(before) };
}
