import { aboutMail, type LedgerEntry, ledgerKey } from "../email/ledger.ts";
import { openLedger } from "../email/ledger-store.ts";
import { createEvent, type Event } from "../events/event.ts";
import { putEvent } from "../events/event-store.ts";
import type { Stage } from "../stream/stage.ts";
import type { Table } from "../table/client.ts";
import { type Run, runItemSchema } from "./run.ts";

/**
 * Tells, once somebody has left a journey, of its mail that was under way by then or that SES took after the act by which
 * they left: nothing could stop it any more. What was still to be sent is skipped, and no mail is told of here.
 */
export function overtakenStage({ table, now }: { readonly table: Table; readonly now: () => Date }): Stage {
  return {
    name: "overtaken",
    kind: "run",
    wants: ({ item, previous }) => hasLeft(item.endedBy) && !hasLeft(previous?.endedBy),
    async run({ item }) {
      const run = runItemSchema.parse(item);
      const { contactId, effects } = run;
      const keys = effects.flatMap((effect) =>
        effect.type === "email" ? [ledgerKey({ contactId }, effect.messageKey)] : [],
      );
      const ledger = openLedger(table);
      for (const entry of await Promise.all(keys.map((key) => ledger.read(key)))) {
        if (entry !== undefined && isOvertaken(entry, run)) await putEvent(table, overtaken(entry, run, now()));
      }
    },
  };
}

function hasLeft(endedBy: unknown): boolean {
  return endedBy === "goal" || endedBy === "exit";
}

/** Whether a mail was beyond recall when the act happened that ended its run. Pure. */
export function isOvertaken(
  { state, sentAt }: Pick<LedgerEntry, "state" | "sentAt">,
  { leftAt, endedAt }: Pick<Run, "leftAt" | "endedAt">,
): boolean {
  if (state === "SENDING" || state === "UNKNOWN") return true;
  const left = leftAt ?? endedAt;
  return state === "SENT" && sentAt !== undefined && left !== undefined && sentAt > left;
}

function overtaken(entry: LedgerEntry, { contactId, endedAt, endedBy, leftAt }: Run, now: Date): Event {
  const at = now.toISOString();
  return createEvent({
    contactId,
    origin: ["message", entry.pk, entry.sk, "overtaken"],
    name: "Email Overtaken",
    occurredAt: endedAt ?? at,
    receivedAt: at,
    source: "journey",
    properties: { ...aboutMail(entry), endedBy, ...(leftAt !== undefined && { leftAt }) },
  });
}
