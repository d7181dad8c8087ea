import { expect } from "vitest";
import type { MailMessageInput } from "../../shared/email/mail-message.ts";
import type { Change, Found, Stage } from "../../shared/stream/stage.ts";
import type { Table } from "../../shared/table/client.ts";
import { contentsOf } from "./table-contents.ts";

/** A mail queue that remembers what it was sent. */
export function recordingMailQueue() {
  const messages: MailMessageInput[] = [];
  return {
    messages,
    sendMail: async (message: MailMessageInput): Promise<void> => {
      messages.push(message);
    },
    /** Owner and key of each mail asked for, each once: the ledger sends no more than these. */
    keys: (): string[] =>
      [...new Set(messages.map(({ owner, messageKey }) => `${JSON.stringify(owner)} ${messageKey}`))].sort(),
  };
}

/**
 * What every stage keeps: run again, and run again without the image before the change, it leaves the table as it is
 * and asks for no other mail.
 */
export async function expectStageContract(
  stage: Stage,
  change: Change,
  { table, mailKeys }: { readonly table: Table; readonly mailKeys: () => readonly string[] },
): Promise<Found | undefined> {
  const found = (await stage.run(change)) ?? undefined;
  const after = { contents: await lastingContentsOf(table), mails: mailKeys() };
  const again = [change, { item: change.item, previous: undefined }];
  for (const repeated of again) {
    if (stage.wants(repeated))
      expect((await stage.run(repeated)) ?? undefined, `${stage.name}, run again`).toEqual(found);
    expect({ contents: await lastingContentsOf(table), mails: mailKeys() }, `${stage.name}, run again`).toEqual(after);
  }
  return found;
}

/** A day's mark is new with each marking, by design. */
async function lastingContentsOf(table: Table) {
  return [...(await contentsOf(table)).values()].map((item) =>
    item.kind === "dirtyDay" ? { ...item, mark: "", heldUntil: "" } : item,
  );
}
