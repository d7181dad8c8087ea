import { intakeSchema } from "../intake/intake.ts";
import type { Stage } from "../stream/stage.ts";
import type { Table } from "../table/client.ts";
import { isFor } from "./stop-link.ts";
import { stopSubscription } from "./subscription-store.ts";

/** Who pressed the button behind a digest's link gets it no more. */
export function stopDigestStage({ table }: { readonly table: Table }): Stage {
  return {
    name: "stop-digest",
    kind: "intake",
    wants: ({ item, previous }) => item.type === "digestStop" && previous === undefined,
    async run({ item }) {
      const intake = intakeSchema.parse(item);
      if (intake.type !== "digestStop") return;
      const { payload, receivedAt } = intake;
      const isRecipient = (subscription: Parameters<typeof isFor>[1]) => isFor(payload, subscription);
      const stopped = await stopSubscription(table, payload.digestId, { isRecipient, at: receivedAt });
      if (!stopped) throw new Error("The digest was changed meanwhile; the retry queue brings this again.");
    },
  };
}
