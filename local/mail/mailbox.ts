import { randomBytes, randomUUID } from "node:crypto";
import type { Assembly } from "../assembly/model.ts";
import type { Clock, Drainable, EventBus } from "../interfaces.ts";
import { type EventFacts, type SesEventType, sesEvent } from "./events.ts";
import { directoryFiles, type KeptMail, type MailFiles, memoryFiles } from "./files.ts";
import { commonHeadersOf, headerOf, headersOf, type MailHeader } from "./message.ts";
import { createQuota, type Quota, type QuotaOptions } from "./quota.ts";
import { eventsOf } from "./simulator.ts";

/** A message as the gateway hands it over once SES's engine took it. */
export interface SentMail {
  readonly source: string;
  readonly destination: readonly string[];
  readonly raw: Buffer;
  readonly configurationSet?: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly operation: "SendEmail" | "SendRawEmail";
  readonly callerIdentity: string;
}

export interface MailSummary {
  readonly messageId: string;
  readonly timestamp: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly subject: string;
  readonly headers: readonly MailHeader[];
  readonly tags: Readonly<Record<string, string>>;
  readonly configurationSet?: string;
  readonly eml?: string;
}

/** Says whether the event was published: only if the message's configuration set asks for events of its kind. */
export type Published = Promise<boolean>;

/** Everything sent, and what becomes of it. */
export interface Mailbox extends Drainable {
  readonly quota: Quota;
  /** Keeps the message, lets its events follow, and returns its id. */
  accept(mail: SentMail): Promise<string>;
  /** Oldest first. */
  list(): readonly MailSummary[];
  raw(messageId: string): Promise<Buffer | undefined>;
  open(messageId: string): Published;
  click(messageId: string, link: string): Published;
  bounce(messageId: string): Published;
  complaint(messageId: string): Published;
  delay(messageId: string): Published;
  /** Events that the bus did not take; SES's events are best effort too. */
  lost(): readonly { readonly messageId: string; readonly type: SesEventType; readonly reason: string }[];
  /** Resolves when no event is under way. */
  close(): Promise<void>;
}

/** No message has this id. */
export class UnknownMessageError extends Error {
  override readonly name = "UnknownMessageError";
}

export interface MailboxOptions {
  readonly assembly: Pick<Assembly, "region" | "account" | "configurationSets">;
  readonly clock: Clock;
  readonly bus: EventBus;
  /** Where messages are kept; in memory when left out. */
  readonly directory?: string;
  readonly quota?: QuotaOptions;
}

export function createMailbox(options: MailboxOptions): Mailbox {
  const { assembly, clock, bus } = options;
  const files: MailFiles = options.directory === undefined ? memoryFiles() : directoryFiles(options.directory);
  const mails = new Map<string, KeptMail>(files.load().map((mail) => [mail.messageId, mail]));
  const lost: { messageId: string; type: SesEventType; reason: string }[] = [];
  const underWay = new Set<Promise<void>>();

  function isWanted(mail: KeptMail, type: SesEventType): boolean {
    const set = assembly.configurationSets.find(({ name }) => name === mail.configurationSet);
    return (
      set?.eventDestinations.some(
        ({ enabled, types }) => enabled && types.some((each) => plain(each) === plain(type)),
      ) ?? false
    );
  }

  async function publish(mail: KeptMail, facts: Omit<EventFacts, "at">): Published {
    if (!isWanted(mail, facts.type)) return false;
    try {
      await bus.put(sesEvent(mail, { ...facts, at: new Date(clock.now()).toISOString() }, assembly));
      return true;
    } catch (error) {
      lost.push({ messageId: mail.messageId, type: facts.type, reason: String(error) });
      return false;
    }
  }

  /** One event after the other; each leaves the record once it is out, so that a restart goes on where it stopped. */
  async function publishPending(mail: KeptMail): Promise<void> {
    let left = mail;
    for (const facts of mail.pending) {
      await publish(mail, facts);
      left = { ...left, pending: left.pending.slice(1) };
      mails.set(mail.messageId, left);
      await files.update(left);
    }
  }

  function follow(mail: KeptMail): void {
    track(new Promise<void>((resolve) => setImmediate(resolve)).then(() => publishPending(mail)));
  }

  function track(work: Promise<void>): void {
    underWay.add(work);
    const done = () => underWay.delete(work);
    work.then(done, done);
  }

  function find(messageId: string): KeptMail {
    const mail = mails.get(messageId);
    if (!mail) throw new UnknownMessageError(`There is no message ${messageId}.`);
    return mail;
  }

  async function report(messageId: string, facts: { type: SesEventType; link?: string }): Published {
    const mail = find(messageId);
    const published = publish(mail, { ...facts, recipients: mail.destination });
    track(published.then(() => undefined));
    return published;
  }

  for (const mail of mails.values()) if (mail.pending.length > 0) follow(mail);

  return {
    quota: createQuota({ clock, ...options.quota }),
    async accept(sent) {
      const { raw, ...envelope } = sent;
      const headers = headersOf(raw);
      const timestamp = clock.now();
      const pending = eventsOf(sent);
      const record = {
        ...envelope,
        headers,
        messageId: messageIdAt(timestamp),
        timestamp: new Date(timestamp).toISOString(),
      };
      const mail = await files.add({ ...record, tags: { ...headerTags(headers), ...sent.tags }, pending }, raw);
      mails.set(mail.messageId, mail);
      follow(mail);
      return mail.messageId;
    },
    list: () => [...mails.values()].map(summary),
    raw: async (messageId) => files.raw(messageId),
    open: (messageId) => report(messageId, { type: "Open" }),
    click: (messageId, link) => report(messageId, { type: "Click", link }),
    bounce: (messageId) => report(messageId, { type: "Bounce" }),
    complaint: (messageId) => report(messageId, { type: "Complaint" }),
    delay: (messageId) => report(messageId, { type: "DeliveryDelay" }),
    lost: () => [...lost],
    idle: async () => underWay.size === 0,
    async close() {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
  };
}

/** Tags that a raw message carries in its own header. */
function headerTags(headers: readonly MailHeader[]): Readonly<Record<string, string>> {
  const pairs = (headerOf(headers, "X-SES-MESSAGE-TAGS") ?? "").split(",").map((pair) => pair.trim().split("="));
  return Object.fromEntries(pairs.flatMap(([name, value]) => (name && value ? [[name, value]] : [])));
}

function summary(mail: KeptMail): MailSummary {
  const { messageId, timestamp, headers, tags, configurationSet, eml } = mail;
  const common = commonHeadersOf(headers);
  return {
    messageId,
    timestamp,
    from: common.from,
    to: mail.destination,
    subject: common.subject ?? "",
    headers,
    tags,
    ...(configurationSet === undefined ? {} : { configurationSet }),
    ...(eml === undefined ? {} : { eml }),
  };
}

/** Templates write `DELIVERY_DELAY` or `deliveryDelay`, events `DeliveryDelay`. */
function plain(type: string): string {
  return type.replaceAll("_", "").toLowerCase();
}

/** In the form of SES's own ids, which are unique; the engine's are nine random digits and would meet twice. */
function messageIdAt(timestamp: number): string {
  const instant = timestamp.toString(16).padStart(12, "0");
  return `0100${instant}-${randomBytes(4).toString("hex")}-${randomUUID().slice(9)}-000000`;
}
