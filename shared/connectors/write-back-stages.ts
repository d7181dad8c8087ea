import * as z from "zod/mini";
import { contactOf, eventSchema } from "../events/event.ts";
import type { BatchQueue } from "../queues/batch-queue.ts";
import type { Stage } from "../stream/stage.ts";
import type { Table } from "../table/client.ts";
import type { ConnectorMessage } from "./connector-message.ts";
import { connectors } from "./connectors.ts";
import { listSources } from "./source-store.ts";

interface Dependencies {
  readonly table: Table;
  readonly sendConnectors: BatchQueue<ConnectorMessage>;
}

const withdrawnSchema = z.object({ addressHash: z.string(), contactId: z.string(), withdrawnAt: z.string() });
type Withdrawn = z.infer<typeof withdrawnSchema>;

/** A consent that was withdrawn is withdrawn in the connected shops as well. */
function withdrawalStage(deps: Dependencies): Stage {
  return {
    name: "write-back",
    kind: "consent",
    wants: ({ item, previous }) =>
      item.state === "withdrawn" && (previous?.state !== "withdrawn" || previous.withdrawnAt !== item.withdrawnAt),
    run: ({ item }) => tellShops(deps, withdrawnSchema.parse(item)),
  };
}

/** Whoever called a mail spam wants none from the shops either. */
function complaintStage(deps: Dependencies): Stage {
  return {
    name: "write-back-complaint",
    kind: "event",
    wants: ({ item, previous }) => previous === undefined && item.name === "Email Marked as Spam",
    async run({ item }) {
      const event = eventSchema.parse(item);
      const { addressHash } = z.object({ addressHash: z.optional(z.string()) }).parse(event.properties);
      if (addressHash === undefined) return;
      await tellShops(deps, { addressHash, contactId: contactOf(event), withdrawnAt: event.occurredAt });
    },
  };
}

export const writeBackStages = (deps: Dependencies): readonly Stage[] => [withdrawalStage(deps), complaintStage(deps)];

/** One message for each shop that keeps consents; whether it knows the person is for the shop to say. */
async function tellShops({ table, sendConnectors }: Dependencies, { withdrawnAt, ...whose }: Withdrawn): Promise<void> {
  const shops = (await listSources(table)).filter(
    ({ connector, address, connected }) => connected && address !== undefined && connectors[connector].consents,
  );
  for (const { source } of shops) {
    await sendConnectors({ type: "withdrawal", source, ...whose, at: withdrawnAt, tries: 0 });
  }
}
