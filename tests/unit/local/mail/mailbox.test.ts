import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { EventBus } from "../../../../local/interfaces.ts";
import {
  createMailbox,
  type Mailbox,
  type MailboxOptions,
  type SentMail,
  UnknownMessageError,
} from "../../../../local/mail/mailbox.ts";
import { clockAt, recordingBus } from "../gateway/support.ts";

const ALL = ["SEND", "DELIVERY", "BOUNCE", "COMPLAINT", "OPEN", "CLICK", "REJECT", "DELIVERY_DELAY"];
const busArn = "arn:aws:events:us-east-1:000000000000:event-bus/default";

const assembly = (types = ALL, enabled = true): MailboxOptions["assembly"] => ({
  region: "us-east-1",
  account: "000000000000",
  configurationSets: [{ name: "product", eventDestinations: [{ enabled, types, eventBusArn: busArn }] }],
});

const HEADERS = [
  "From: =?utf-8?Q?Gr=C3=BCner_Laden?= <news@shop.example>",
  "To: Ann <ann@example.com>",
  "Reply-To: help@shop.example",
  "Subject: =?UTF-8?B?R3LDvMOfZQ==?= =?UTF-8?Q?_aus?= Kiel",
  "X-SES-MESSAGE-TAGS: kind=welcome, run=r1",
  "X-Long: one",
  "\ttwo",
];

function mailTo(...destination: string[]): SentMail {
  return {
    source: "news@shop.example",
    destination,
    raw: Buffer.from(`${HEADERS.join("\r\n")}\r\n\r\nSubject: not a header\r\n`),
    configurationSet: "product",
    tags: { ledger: "r1_2" },
    operation: "SendRawEmail",
    callerIdentity: "mailer",
  };
}

function setup(options: Partial<MailboxOptions> = {}) {
  const clock = clockAt("2026-11-23T08:00:00.000Z");
  const bus = recordingBus();
  const mailbox = createMailbox({ assembly: assembly(), clock, bus, ...options });
  return { clock, bus, mailbox };
}

const kinds = (bus: ReturnType<typeof recordingBus>) => bus.events.map((event) => event["detail-type"]);

async function sent(mailbox: Mailbox, ...to: string[]): Promise<string> {
  const messageId = await mailbox.accept(mailTo(...to));
  await mailbox.close();
  return messageId;
}

describe("what becomes of a mail", () => {
  it.each([
    ["any address", "ann@example.com", ["Email Sent", "Email Delivered"]],
    ["success@", "success@simulator.amazonses.com", ["Email Sent", "Email Delivered"]],
    ["ooto@", "ooto@simulator.amazonses.com", ["Email Sent", "Email Delivered"]],
    ["bounce@", "bounce@simulator.amazonses.com", ["Email Sent", "Email Bounced"]],
    ["bounce@ with a label, whatever its case", "Bounce+o1@Simulator.AmazonSES.com", ["Email Sent", "Email Bounced"]],
    ["suppressionlist@", "suppressionlist@simulator.amazonses.com", ["Email Sent", "Email Bounced"]],
    ["complaint@", "complaint@simulator.amazonses.com", ["Email Sent", "Email Delivered", "Email Complaint Received"]],
    ["a look-alike", "bounce@simulator.amazonses.com.example", ["Email Sent", "Email Delivered"]],
  ])("%s", async (_, address, expected) => {
    const { bus, mailbox } = setup();
    await sent(mailbox, address);
    expect(kinds(bus)).toEqual(expected);
  });

  it("is told apart for each kind of recipient", async () => {
    const { bus, mailbox } = setup();
    await sent(mailbox, "ann@example.com", "bounce@simulator.amazonses.com", "bob@example.com");
    expect(bus.events.map(({ detail }) => detail)).toMatchObject([
      { eventType: "Send" },
      { eventType: "Delivery", delivery: { recipients: ["ann@example.com", "bob@example.com"] } },
      { eventType: "Bounce", bounce: { bouncedRecipients: [{ emailAddress: "bounce@simulator.amazonses.com" }] } },
    ]);
  });

  it.each([
    ["as text", (virus: string) => virus],
    [
      "as an attachment",
      (virus: string) =>
        Buffer.from(virus)
          .toString("base64")
          .replace(/(.{60})/g, "$1\r\n"),
    ],
  ])("is a rejection where the message holds the scanners' test virus, %s", async (_, written) => {
    const virus = ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$", "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"].join("");
    const { bus, mailbox } = setup();
    await mailbox.accept({
      ...mailTo("ann@example.com"),
      raw: Buffer.from(`From: a@shop.example\r\n\r\n${written(virus)}`),
    });
    await mailbox.close();
    expect(kinds(bus)).toEqual(["Email Sent", "Email Rejected"]);
  });

  it("tells a suppressed address from a bounced one", async () => {
    const { bus, mailbox } = setup();
    await sent(mailbox, "suppressionlist@simulator.amazonses.com");
    expect(bus.events[1]?.detail).toMatchObject({ bounce: { bounceType: "Permanent", bounceSubType: "Suppressed" } });
  });
});

describe("an event", () => {
  it("has the form in which SES publishes it to EventBridge", async () => {
    const { bus, mailbox } = setup();
    const messageId = await sent(mailbox, "ann@example.com");
    expect(bus.events[1]).toEqual({
      source: "aws.ses",
      "detail-type": "Email Delivered",
      resources: ["arn:aws:ses:us-east-1:000000000000:configuration-set/product"],
      detail: {
        eventType: "Delivery",
        mail: {
          timestamp: "2026-11-23T08:00:00.000Z",
          source: "news@shop.example",
          sourceArn: "arn:aws:ses:us-east-1:000000000000:identity/shop.example",
          sendingAccountId: "000000000000",
          messageId,
          destination: ["ann@example.com"],
          headersTruncated: false,
          headers: expect.arrayContaining([{ name: "X-Long", value: "one two" }]),
          commonHeaders: {
            from: ["Grüner Laden <news@shop.example>"],
            to: ["Ann <ann@example.com>"],
            replyTo: ["help@shop.example"],
            messageId,
            subject: "Grüße aus Kiel",
          },
          tags: {
            "ses:operation": ["SendRawEmail"],
            "ses:configuration-set": ["product"],
            "ses:source-ip": ["192.0.2.20"],
            "ses:from-domain": ["shop.example"],
            "ses:caller-identity": ["mailer"],
            "ses:outgoing-ip": ["192.0.2.10"],
            kind: ["welcome"],
            run: ["r1"],
            ledger: ["r1_2"],
          },
        },
        delivery: {
          timestamp: "2026-11-23T08:00:00.000Z",
          processingTimeMillis: 0,
          recipients: ["ann@example.com"],
          smtpResponse: "250 2.6.0 Message received",
          reportingMTA: "a1-10.smtp-out.amazonses.com",
        },
      },
    });
  });

  it("of an open, a click, a bounce, a complaint and a delay comes on request, with its own time and facts", async () => {
    const { bus, clock, mailbox } = setup();
    const messageId = await sent(mailbox, "ann@example.com");
    clock.advance(3_600_000);
    const link = "https://shop.example/sale?x=1";
    const published = await Promise.all([
      mailbox.open(messageId),
      mailbox.click(messageId, link),
      mailbox.bounce(messageId),
      mailbox.complaint(messageId),
      mailbox.delay(messageId),
    ]);
    expect(published).toEqual([true, true, true, true, true]);
    const timestamp = "2026-11-23T09:00:00.000Z";
    expect(bus.events.slice(2)).toMatchObject([
      { "detail-type": "Email Opened", detail: { eventType: "Open", open: { timestamp } } },
      { "detail-type": "Email Clicked", detail: { eventType: "Click", click: { timestamp, link } } },
      {
        "detail-type": "Email Bounced",
        detail: { bounce: { bouncedRecipients: [{ emailAddress: "ann@example.com" }] } },
      },
      { "detail-type": "Email Complaint Received", detail: { complaint: { complaintFeedbackType: "abuse" } } },
      {
        "detail-type": "Email Delivery Delayed",
        detail: { deliveryDelay: { delayType: "TransientCommunicationFailure" } },
      },
    ]);
    expect(bus.events.at(-1)?.detail).not.toHaveProperty("mail.headers");
  });

  it.each([
    ["its type is not asked for", assembly(["SEND", "BOUNCE"]), ["Email Sent"]],
    ["types are written as in templates", assembly(["send", "deliveryDelay"]), ["Email Sent"]],
    ["the destination is disabled", assembly(ALL, false), []],
    ["the configuration set is another", { ...assembly(), configurationSets: [] }, []],
  ])("is published only as the configuration set says: %s", async (_, configured, expected) => {
    const { bus, mailbox } = setup({ assembly: configured });
    const messageId = await sent(mailbox, "ann@example.com");
    expect(kinds(bus)).toEqual(expected);
    expect(await mailbox.open(messageId)).toBe(false);
  });

  it("is refused for a message that does not exist", async () => {
    const { mailbox } = setup();
    await expect(mailbox.open("0100-none")).rejects.toThrow(UnknownMessageError);
  });
});

describe("the mailbox at rest", () => {
  it("is idle only when no event is under way", async () => {
    let release: () => void = () => undefined;
    const held: EventBus = { put: () => new Promise((resolve) => (release = resolve)) };
    const { mailbox } = setup({ bus: held, assembly: assembly(["SEND"]) });
    expect(await mailbox.idle()).toBe(true);
    await mailbox.accept(mailTo("ann@example.com"));
    expect(await mailbox.idle()).toBe(false);
    await new Promise((resolve) => setImmediate(resolve));
    release();
    await mailbox.close();
    expect(await mailbox.idle()).toBe(true);
  });

  it("lists an event that the bus did not take and goes on with the next", async () => {
    const bus = recordingBus();
    const failing: EventBus = {
      put: async (event) =>
        event["detail-type"] === "Email Sent" ? Promise.reject(new Error("full")) : bus.put(event),
    };
    const { mailbox } = setup({ bus: failing });
    const messageId = await sent(mailbox, "ann@example.com");
    expect(mailbox.lost()).toEqual([{ messageId, type: "Send", reason: "Error: full" }]);
    expect(kinds(bus)).toEqual(["Email Delivered"]);
  });
});

describe("kept mail", () => {
  const directories: string[] = [];
  function directory(): string {
    const created = mkdtempSync(join(tmpdir(), "mail-"));
    directories.push(created);
    return created;
  }
  afterEach(() => {
    for (const each of directories.splice(0)) rmSync(each, { recursive: true });
  });

  it("lies in an .eml file beside a JSON of its envelope", async () => {
    const kept = directory();
    const { mailbox } = setup({ directory: kept });
    const messageId = await sent(mailbox, "ann@example.com");
    expect(readdirSync(kept).sort()).toEqual([`${messageId}.eml`, `${messageId}.json`]);
    expect(readFileSync(join(kept, `${messageId}.eml`))).toEqual(mailTo().raw);
    expect(JSON.parse(readFileSync(join(kept, `${messageId}.json`), "utf8"))).toMatchObject({
      messageId,
      source: "news@shop.example",
      destination: ["ann@example.com"],
      configurationSet: "product",
      tags: { ledger: "r1_2", kind: "welcome" },
      pending: [],
    });
    expect(mailbox.list()[0]?.eml).toBe(join(kept, `${messageId}.eml`));
  });

  it("outlives a restart, and what was not yet published then is", async () => {
    const kept = directory();
    const stuck: EventBus = { put: () => new Promise(() => undefined) };
    const first = setup({ directory: kept, bus: stuck });
    const messageId = await first.mailbox.accept(mailTo("ann@example.com"));
    const { bus, mailbox } = setup({ directory: kept });
    await mailbox.close();
    expect(kinds(bus)).toEqual(["Email Sent", "Email Delivered"]);
    expect(mailbox.list().map((mail) => mail.messageId)).toEqual([messageId]);
    expect(await mailbox.raw(messageId)).toEqual(mailTo().raw);
    const again = setup({ directory: kept });
    await again.mailbox.close();
    expect(again.bus.events).toEqual([]);
  });

  it("is not read through a message id that is a path", async () => {
    const { mailbox } = setup({ directory: directory() });
    expect(await mailbox.raw("../../etc/passwd")).toBeUndefined();
  });
});
