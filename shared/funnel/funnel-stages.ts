import { isDeepStrictEqual } from "node:util";
import * as z from "zod/mini";
import { moveOn } from "../contacts/contact-store.ts";
import { concernsProfile } from "../contacts/profile.ts";
import { type Event, eventSchema } from "../events/event.ts";
import { readEvents } from "../events/event-store.ts";
import type { Change, Stage } from "../stream/stage.ts";
import type { Table } from "../table/client.ts";
import { createMarker, type Marking } from "../table/dirty-store.ts";
import { putNewer } from "../table/put-newer.ts";
import { type FunnelEntry, funnelEntryOf, utcDateOfEntry } from "./funnel-entry.ts";
import { afterEvent, lifecycleSchema } from "./lifecycle.ts";
import type { StageRules } from "./stage-rules.ts";

/**
 * Move a contact on through awareness, consideration, decision, action and retention, by the rules that count now: what
 * the fold of its profile does not do, since the event says nothing of one, or came before its contact was there.
 */
export function moveOnStages({
  table,
  rules,
}: {
  readonly table: Table;
  readonly rules: () => Promise<StageRules>;
}): readonly Stage[] {
  return [
    {
      name: "lifecycle",
      kind: "event",
      wants: ({ item, previous }) => previous === undefined && !concernsProfile(item),
      run: async ({ item }) => moveOn(table, [eventSchema.parse(item)], await rules()),
    },
    {
      name: "lifecycle-before",
      kind: "contact",
      wants: ({ previous }) => previous === undefined,
      async run({ item }) {
        const { contactId, lifecycle } = standingSchema.parse(item);
        const events: Event[] = [];
        for await (const event of readEvents(table, contactId)) events.push(event);
        const counting = await rules();
        const after = events.reduce((held, event) => afterEvent(held, counting, event), lifecycle);
        if (!isDeepStrictEqual(after, lifecycle)) await moveOn(table, events, counting);
      },
    },
  ];
}

const standingSchema = z.object({ contactId: z.string(), lifecycle: z.optional(lifecycleSchema) });

/**
 * Keeps a contact's entry in the funnel as its stages say, and marks its day. Where the beginning moved, the entry of the
 * former day is withdrawn under the same version, so that no repeated writer brings it back.
 */
export function funnelEntryStage({ table, now }: Marking): Stage {
  const markDay = createMarker({ table, now }, "funnel");
  const put = async (entry: FunnelEntry) => {
    await putNewer(table, entry);
    await markDay(utcDateOfEntry(entry));
  };
  return {
    name: "funnel-entry",
    kind: "contact",
    remembers: ["lifecycle"],
    wants: ({ item, previous }) =>
      item.lifecycle !== undefined && !isDeepStrictEqual(item.lifecycle, previous?.lifecycle),
    async run({ item, previous }) {
      const [entry, former] = [entryOf(item, item), entryOf(item, previous)];
      if (former !== undefined && `${former.pk} ${former.sk}` !== `${entry?.pk} ${entry?.sk}`) {
        await put({ ...former, withdrawn: true });
      }
      if (entry !== undefined) await put(entry);
    },
  };
}

/** The entry that the stages of an image of a contact stand for, under the version that the contact has now. */
function entryOf({ contactId, version }: Change["item"], image: Change["previous"]): FunnelEntry | undefined {
  if (image?.lifecycle === undefined) return undefined;
  const { entered, first } = lifecycleSchema.parse(image.lifecycle);
  return funnelEntryOf({ contactId: String(contactId), version: Number(version), entered, first });
}
