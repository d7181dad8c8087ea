import type { MailQueue } from "../email/mail-queue.ts";
import { putEntry } from "../kpis/entry-store.ts";
import type { Stage } from "../stream/stage.ts";
import type { Table } from "../table/client.ts";
import { actionSchema } from "./action.ts";
import { readAction } from "./action-store.ts";
import { promiseEntries } from "./promise.ts";
import { mailTo, tellingSchema } from "./telling.ts";
import { nextPage, putTelling } from "./telling-store.ts";

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

/**
 * Tells who complained, one page of comments after the other: each page that is noted brings the next by its own stream
 * record. A page that is repeated asks for the same mails again, of which the ledger lets one for each person through.
 */
export function tellStage({ table, sendMail }: { readonly table: Table; readonly sendMail: MailQueue }): Stage {
  return {
    name: "action-tell",
    kind: "telling",
    wants: ({ item }) => item.state === "telling",
    async run({ item }) {
      const telling = tellingSchema.parse(item);
      const { sorted, next } = await nextPage(table, telling);
      await Promise.all(sorted.contactIds.map((contactId) => sendMail(mailTo(contactId, telling))));
      await putTelling(table, next);
    },
  };
}
