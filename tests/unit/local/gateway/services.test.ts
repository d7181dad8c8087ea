import type { Server } from "node:http";
import { createRequire } from "node:module";
import { GetSendQuotaCommand, ListIdentitiesCommand, SendEmailCommand, SendRawEmailCommand } from "@aws-sdk/client-ses";
import {
  DeleteMessageCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from "@aws-sdk/client-sqs";
import { type FauxqsServer, startFauxqs } from "fauxqs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { QueueModel } from "../../../../local/assembly/model.ts";
import { allow, assemblyOf, functionOf, type Running, ses, sqs, startTestGateway } from "./support.ts";

const queue = (name: string): QueueModel => ({
  name,
  arn: `arn:aws:sqs:us-east-1:000000000000:${name}`,
  url: `http://127.0.0.1:1/000000000000/${name}`,
  visibilityTimeoutSeconds: 30,
  delaySeconds: 0,
  retentionSeconds: 3600,
});

const identityArn = "arn:aws:ses:us-east-1:000000000000:identity/shop.example";
const setArn = "arn:aws:ses:us-east-1:000000000000:configuration-set/product";
const mailer = functionOf("mailer", [
  allow(["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:GetQueueUrl"], [queue("mail").arn]),
  allow(["ses:SendEmail", "ses:SendRawEmail"], [identityArn, setArn]),
  allow(["ses:GetSendQuota", "ses:ListIdentities"], ["*"]),
]);
const assembly = assemblyOf({
  functions: [mailer],
  queues: [queue("mail"), queue("other")],
  identities: ["shop.example"],
  configurationSets: [
    { name: "product", eventDestinations: [] },
    { name: "hidden", eventDestinations: [] },
  ],
});

let queues: FauxqsServer;
let post: Server;
let engines: { sqs: string; ses: string };

beforeAll(async () => {
  queues = await startFauxqs({ port: 0, logger: false });
  for (const name of ["mail", "other"]) queues.createQueue(name);
  // The package is CommonJS without a default of its own.
  const startSes: (config: { host: string; port: number }) => Promise<Server> = createRequire(import.meta.url)(
    "aws-ses-v2-local",
  ).default;
  post = await startSes({ host: "127.0.0.1", port: 0 });
  const address = post.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  engines = { sqs: `http://127.0.0.1:${queues.port}`, ses: `http://127.0.0.1:${address.port}` };
});

afterAll(async () => {
  await queues.stop();
  await new Promise((resolve) => post.close(resolve));
});

let running: Running;
beforeEach(async () => {
  running = await startTestGateway(assembly, engines);
});
afterEach(() => running.gateway.close());

describe("the gateway before SQS", () => {
  const client = (fn = mailer) => sqs({ url: running.gateway.url, credentials: running.gateway.issue(fn) });
  const urlOf = (name: string) => `${running.gateway.url}/000000000000/${name}`;

  it("passes messages both ways and bills a request per 64 KB", async () => {
    const own = client();
    await own.send(new SendMessageCommand({ QueueUrl: urlOf("mail"), MessageBody: "x".repeat(65_537) }));
    expect(running.gateway.meter.snapshot().totals.sqsRequests).toBe(2);
    const { Messages } = await own.send(new ReceiveMessageCommand({ QueueUrl: urlOf("mail") }));
    expect(Messages?.[0]?.Body).toHaveLength(65_537);
    expect(running.gateway.meter.snapshot().totals.sqsRequests).toBe(4);
    expect(running.gateway.meter.snapshot().functions.mailer?.calls).toEqual({
      "sqs:SendMessage": 1,
      "sqs:ReceiveMessage": 1,
    });
  });

  it("authorises and bills a batch as one send", async () => {
    const Entries = ["1", "2"].map((Id) => ({ Id, MessageBody: "x".repeat(40_000) }));
    await client().send(new SendMessageBatchCommand({ QueueUrl: urlOf("mail"), Entries }));
    expect(running.gateway.meter.snapshot().totals.sqsRequests).toBe(2);
  });

  it("finds a queue by name", async () => {
    const { QueueUrl } = await client().send(new GetQueueUrlCommand({ QueueName: "mail" }));
    expect(QueueUrl).toMatch(/\/000000000000\/mail$/);
  });

  it("refuses in SQS's words what the role does not allow", async () => {
    const refused = client().send(new SendMessageCommand({ QueueUrl: urlOf("other"), MessageBody: "x" }));
    await expect(refused).rejects.toMatchObject({
      name: expect.stringMatching(/^AccessDenied/),
      message: `User: arn:aws:sts::000000000000:assumed-role/mailer-role/mailer is not authorized to perform: sqs:sendmessage on resource: ${queue("other").arn} because no identity-based policy allows the sqs:sendmessage action`,
    });
    const withoutGrant = client().send(new DeleteMessageCommand({ QueueUrl: urlOf("mail"), ReceiptHandle: "x" }));
    await expect(withoutGrant).rejects.toMatchObject({ name: expect.stringMatching(/^AccessDenied/) });
    expect(running.gateway.denied().map(({ action }) => action)).toEqual(["sqs:SendMessage", "sqs:DeleteMessage"]);
  });

  it.each([
    ["throttle", /^RequestThrottled/],
    ["error500", /^InternalFailure/],
  ] as const)("answers a %s fault by SQS's name for it", async (kind, name) => {
    running.gateway.faults.set([{ kind }]);
    const sent = client().send(new SendMessageCommand({ QueueUrl: urlOf("mail"), MessageBody: "x" }));
    await expect(sent).rejects.toMatchObject({ name: expect.stringMatching(name) });
  });

  it("answers an unknown access key as SQS does", async () => {
    const credentials = { accessKeyId: "ASIAUNKNOWN", secretAccessKey: "x", sessionToken: "t" };
    const sent = sqs({ url: running.gateway.url, credentials }).send(
      new SendMessageCommand({ QueueUrl: urlOf("mail"), MessageBody: "x" }),
    );
    await expect(sent).rejects.toMatchObject({ name: expect.stringMatching(/^InvalidClientTokenId/) });
  });

  it("passes the engine's own errors on", async () => {
    const broken = client().send(new SendMessageCommand({ QueueUrl: urlOf("mail"), MessageBody: "\u0000" }));
    await expect(broken).rejects.toMatchObject({ name: expect.stringContaining("InvalidMessageContents") });
  });
});

describe("the gateway before SES", () => {
  const client = (fn = mailer) => ses({ url: running.gateway.url, credentials: running.gateway.issue(fn) });
  const message = (headers: string) => Buffer.from(`${headers}\r\nSubject: Hello\r\n\r\nText\r\n`);
  const raw = (more = {}, headers = "From: Shop <news@shop.example>\r\nTo: ann@example.com, bob@example.com") =>
    new SendRawEmailCommand({ RawMessage: { Data: message(headers) }, ConfigurationSetName: "product", ...more });

  it("keeps the raw message with envelope, configuration set and tags, under the id that the caller gets", async () => {
    const { MessageId } = await client().send(raw({ Tags: [{ Name: "ledger", Value: "r1_2" }] }));
    expect(MessageId).toMatch(/^0100[0-9a-f]{12}-[0-9a-f-]+-000000$/);
    expect(running.mail.list()).toMatchObject([
      {
        messageId: MessageId,
        from: ["Shop <news@shop.example>"],
        to: ["ann@example.com", "bob@example.com"],
        subject: "Hello",
        configurationSet: "product",
        tags: { ledger: "r1_2" },
      },
    ]);
    expect(String(await running.mail.raw(MessageId ?? ""))).toContain("To: ann@example.com, bob@example.com");
    expect(running.gateway.meter.snapshot().totals).toMatchObject({ sesMessages: 1, sesRecipients: 2 });
  });

  it("takes the envelope before the headers", async () => {
    await client().send(raw({ Destinations: ["Carl <carl@example.com>"] }));
    expect(running.mail.list()[0]?.to).toEqual(["carl@example.com"]);
  });

  it("composes a formatted message", async () => {
    const { MessageId } = await client().send(
      new SendEmailCommand({
        Source: "news@shop.example",
        Destination: { ToAddresses: ["ann@example.com"], BccAddresses: ["eve@example.com"] },
        Message: { Subject: { Data: "Grüße" }, Body: { Text: { Data: "text" }, Html: { Data: "<p>html</p>" } } },
      }),
    );
    const [mail] = running.mail.list();
    expect(mail).toMatchObject({ messageId: MessageId, subject: "Grüße", to: ["ann@example.com", "eve@example.com"] });
    const kept = String(await running.mail.raw(MessageId ?? ""));
    expect(kept).toContain("<p>html</p>");
    expect(kept).not.toContain("eve@example.com");
  });

  it("shows the message in the engine's mailbox", async () => {
    const subject = `Seen ${Date.now()}`;
    await client().send(
      raw({
        RawMessage: { Data: Buffer.from(`From: a@shop.example\r\nTo: b@example.com\r\nSubject: ${subject}\r\n\r\nx`) },
      }),
    );
    const store = await (await fetch(`${engines.ses}/store`)).text();
    expect(store).toContain(subject);
  });

  it.each([
    ["an identity that is not verified", raw({}, "From: a@elsewhere.example\r\nTo: b@example.com"), "AccessDenied"],
    ["a configuration set outside the role", raw({ ConfigurationSetName: "hidden" }), "AccessDenied"],
  ])("denies %s by the role", async (_, command, name) => {
    await expect(client().send(command)).rejects.toMatchObject({
      name,
      message: expect.stringContaining("ses:SendRawEmail"),
    });
    expect(running.mail.list()).toEqual([]);
  });

  it("allows a subdomain of a verified domain", async () => {
    await client().send(raw({}, "From: a@mail.shop.example\r\nTo: b@example.com"));
    expect(running.mail.list()).toHaveLength(1);
  });

  const wide = functionOf("mailer", [allow(["ses:*"], ["*"])]);
  it.each([
    ["an unverified sender", raw({}, "From: a@elsewhere.example\r\nTo: b@example.com"), "MessageRejected"],
    ["an unknown configuration set", raw({ ConfigurationSetName: "missing" }), "ConfigurationSetDoesNotExistException"],
    ["a message to nobody", raw({}, "From: a@shop.example"), "InvalidParameterValue"],
  ])("refuses %s", async (_, command, name) => {
    const open = await startTestGateway({ ...assembly, functions: [wide] }, engines);
    const sender = ses({ url: open.gateway.url, credentials: open.gateway.issue(wide) });
    await expect(sender.send(command)).rejects.toMatchObject({ name });
    expect(open.mail.list()).toEqual([]);
    await open.gateway.close();
  });

  it("refuses an action that is not emulated", async () => {
    await expect(client().send(new ListIdentitiesCommand({}))).rejects.toMatchObject({ name: "InvalidAction" });
  });

  it.each([
    ["throttle", { name: "Throttling", message: "Maximum sending rate exceeded." }],
    ["error500", { name: "InternalFailure" }],
  ] as const)("answers a %s fault by SES's name for it, and keeps nothing", async (kind, expected) => {
    running.gateway.faults.set([{ kind }]);
    await expect(client().send(raw())).rejects.toMatchObject(expected);
    expect(running.mail.list()).toEqual([]);
  });

  it("has sent the mail when a timeoutAfter drops the answer", async () => {
    running.gateway.faults.set([{ kind: "timeoutAfter" }]);
    await expect(client().send(raw())).rejects.toThrow();
    expect(running.mail.list()).toHaveLength(1);
  });

  it("answers an unknown access key as SES does", async () => {
    const credentials = { accessKeyId: "ASIAUNKNOWN", secretAccessKey: "x", sessionToken: "t" };
    const sent = ses({ url: running.gateway.url, credentials }).send(raw());
    await expect(sent).rejects.toMatchObject({ name: "InvalidClientTokenId" });
  });

  it("keeps the sending rate and the daily quota by recipients", async () => {
    const limited = await startTestGateway(assembly, engines, { quota: { maxSendRate: 2, daily: 5 } });
    const sender = ses({ url: limited.gateway.url, credentials: limited.gateway.issue(mailer) });
    await sender.send(raw());
    await expect(sender.send(raw())).rejects.toMatchObject({
      name: "Throttling",
      message: "Maximum sending rate exceeded.",
    });
    limited.clock.advance(1000);
    await sender.send(raw());
    limited.clock.advance(1000);
    await expect(sender.send(raw())).rejects.toMatchObject({
      name: "Throttling",
      message: "Daily message quota exceeded.",
    });
    expect(await sender.send(new GetSendQuotaCommand({}))).toMatchObject({
      Max24HourSend: 5,
      MaxSendRate: 2,
      SentLast24Hours: 4,
    });
    limited.clock.advance(86_400_000);
    await sender.send(raw());
    await limited.gateway.close();
  });
});
