import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import type { EventFacts, MailRecord } from "./events.ts";

/** A message as it is kept: its record, where its `.eml` lies, and what has become of it. */
export interface KeptMail extends MailRecord {
  /** Path of the raw message; absent when it is held in memory only. */
  readonly eml?: string;
  /** Events not yet published, the next one first. */
  readonly pending: readonly Omit<EventFacts, "at">[];
}

export interface MailFiles {
  /** Keeps message and record; both are there when it resolves. */
  add(mail: KeptMail, raw: Buffer): Promise<KeptMail>;
  update(mail: KeptMail): Promise<void>;
  raw(messageId: string): Promise<Buffer | undefined>;
  /** What an earlier run left. */
  load(): readonly KeptMail[];
}

export function memoryFiles(): MailFiles {
  const messages = new Map<string, Buffer>();
  return {
    async add(mail, raw) {
      messages.set(mail.messageId, raw);
      return mail;
    },
    update: () => Promise.resolve(),
    raw: async (messageId) => messages.get(messageId),
    load: () => [],
  };
}

/** One `<messageId>.eml` and one `<messageId>.json` per message. */
export function directoryFiles(directory: string): MailFiles {
  mkdirSync(directory, { recursive: true });
  const path = (messageId: string, ending: string) => join(directory, `${messageId}.${ending}`);

  /** Written aside and renamed, so that a crash leaves no half record. */
  async function update(mail: KeptMail): Promise<void> {
    const target = path(mail.messageId, "json");
    await writeFile(`${target}.new`, `${JSON.stringify(mail, null, 2)}\n`);
    await rename(`${target}.new`, target);
  }

  return {
    async add(mail, raw) {
      const kept = { ...mail, eml: path(mail.messageId, "eml") };
      await writeFile(kept.eml, raw);
      await update(kept);
      return kept;
    },
    update,
    async raw(messageId) {
      return /^[A-Za-z0-9-]+$/.test(messageId) ? readFile(path(messageId, "eml")).catch(() => undefined) : undefined;
    },
    load: () =>
      readdirSync(directory)
        .filter((name) => name.endsWith(".json"))
        .map((name) => keptMail(JSON.parse(readFileSync(join(directory, name), "utf8"))))
        .sort((a, b) => (a.timestamp < b.timestamp ? -1 : 1)),
  };
}

const EventType = z.enum(["Send", "Delivery", "Bounce", "Complaint", "Open", "Click", "Reject", "DeliveryDelay"]);

const KeptMailFile = z.object({
  messageId: z.string(),
  timestamp: z.string(),
  source: z.string(),
  destination: z.array(z.string()),
  headers: z.array(z.object({ name: z.string(), value: z.string() })),
  configurationSet: z.string().exactOptional(),
  tags: z.record(z.string(), z.string()),
  operation: z.string(),
  callerIdentity: z.string(),
  eml: z.string().exactOptional(),
  pending: z.array(
    z.object({
      type: EventType,
      recipients: z.array(z.string()),
      suppressed: z.boolean().exactOptional(),
      link: z.string().exactOptional(),
    }),
  ),
});

function keptMail(content: unknown): KeptMail {
  return KeptMailFile.parse(content);
}
