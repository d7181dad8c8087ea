import { createHmac } from "node:crypto";
import { createServer, type Server } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import type { Due } from "../../../shared/due/due.ts";
import { DomainError } from "../../../shared/errors.ts";
import { createCall } from "../../../shared/webhooks/call.ts";
import { deliverWebhook } from "../../../shared/webhooks/delivery.ts";
import { type Endpoint, endpointRequestSchema, endpointUrl } from "../../../shared/webhooks/endpoint.ts";
import { nextTry, signedCall, webhookMessageSchema } from "../../../shared/webhooks/webhook.ts";

const now = new Date("2026-03-01T12:00:10Z");
const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const other = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const message = webhookMessageSchema.parse({
  endpointId: "desk",
  id: "msg_1",
  type: "journey.step",
  timestamp: "2026-03-01T12:00:00.000Z",
  data: { contactId: "c1", values: { "contact.fields.firstName": "Ünal" } },
  about: { contactId: "c1", properties: {} },
});

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

interface Received {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** A receiver on this machine that answers a status; gives its address and what it got. */
async function receiver(status: number, headers: Record<string, string> = {}) {
  const received: Received[] = [];
  const started = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    received.push({ headers: request.headers, body });
    if (status > 0) response.writeHead(status, headers).end("x".repeat(100_000));
  });
  server = started;
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  const address = started.address();
  return { url: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/hook`, received };
}

function world(url: string, given: { state?: Endpoint["state"]; localReceivers?: boolean; secrets?: string[] } = {}) {
  const { state = "enabled", localReceivers = true, secrets = [secret] } = given;
  const done: unknown[] = [];
  const endpoint: Endpoint = { id: "desk", url, description: "", state, updatedAt: "t" };
  return {
    done,
    deps: {
      readEndpoint: async (id: string) => (id === "desk" ? endpoint : undefined),
      readSecrets: async () => (secrets.length === 0 ? undefined : { secrets: secrets.map((value) => ({ value })) }),
      isErased: async (contactId: string) => contactId === "erased",
      call: createCall({ localReceivers, timeoutMilliseconds: 100 }),
      endpointGone: async ({ id }: Endpoint) => void done.push(["gone", id]),
      putDue: async ({ at, id, queue, body, contactId }: Due) =>
        void done.push(["due", at.toISOString(), id, queue, body, contactId]),
      failed: async (_: unknown, reason: string) => void done.push(["failed", reason]),
      delivered: async ({ replay }: { replay?: number | undefined }) => void done.push(["delivered", replay]),
      now: () => now,
    },
  };
}

describe("a call", () => {
  it("is signed over id, seconds and raw body by each secret that counts", () => {
    const { headers, body } = signedCall(message, [secret, other], now);
    const signature = (key: string) =>
      `v1,${createHmac("sha256", Buffer.from(key, "base64")).update(`msg_1.1772366410.${body}`).digest("base64")}`;
    expect(headers).toEqual({
      "webhook-id": "msg_1",
      "webhook-timestamp": "1772366410",
      "webhook-signature": [secret, other].map((one) => signature(one.replace("whsec_", ""))).join(" "),
    });
    expect(JSON.parse(body)).toEqual({ type: message.type, timestamp: message.timestamp, data: message.data });
  });

  it("has the signature that Standard Webhooks' libraries compute", () => {
    const key = Buffer.from("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "base64");
    const content = 'msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}';
    const expected = "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    expect(createHmac("sha256", key).update(content).digest("base64")).toBe(expected);
  });
});

describe("a message", () => {
  it("arrives with its signature, and a crash after that sends the same one again", async () => {
    const { url, received } = await receiver(204);
    const { deps, done } = world(url);
    expect([await deliverWebhook(deps, message), await deliverWebhook(deps, message)]).toEqual([
      "delivered",
      "delivered",
    ]);
    const { headers, body } = signedCall(message, [secret], now);
    expect(received).toHaveLength(2);
    for (const one of received) expect(one).toMatchObject({ headers, body });
    expect(done).toEqual([]);
  });

  it("tells that it has arrived only when it had failed before", async () => {
    const { url } = await receiver(204);
    const { deps, done } = world(url);
    await deliverWebhook(deps, { ...message, replay: 2 });
    expect(done).toEqual([["delivered", 2]]);
  });

  it.each([
    [301, { location: "http://127.0.0.1:1/" }, "failed", [["failed", "answered 301"]]],
    [404, {}, "failed", [["failed", "answered 404"]]],
    [
      410,
      {},
      "failed",
      [
        ["gone", "desk"],
        ["failed", "answered 410: the endpoint is gone"],
      ],
    ],
  ])("answered %i %o comes to %s", async (status, headers, outcome, effects) => {
    const { url, received } = await receiver(status, headers);
    const { deps, done } = world(url);
    expect(await deliverWebhook(deps, message)).toBe(outcome);
    expect(done).toEqual(effects);
    expect(received).toHaveLength(1);
  });

  it.each([
    [408, "answered 408"],
    [429, "answered 429"],
    [503, "answered 503"],
    [0, "could not be reached, or took longer than 10 s"],
  ])("answered %i is sent again later, twice as once, and fails after the last time", async (status, reason) => {
    const { url } = await receiver(status);
    const { deps, done } = world(url);
    const due = ["due", "2026-03-01T12:02:00.000Z", "webhook-msg_1-1", "webhooks", { ...message, tries: 1 }, "c1"];
    expect([await deliverWebhook(deps, message), await deliverWebhook(deps, message)]).toEqual(["put off", "put off"]);
    expect(done).toEqual([due, due]);
    expect(await deliverWebhook(deps, { ...message, tries: 5 })).toBe("failed");
    expect(done.slice(2)).toEqual([["failed", reason]]);
  });

  it.each([
    [{ state: "disabled" as const }, "the endpoint is disabled"],
    [{ state: "gone" as const }, "the endpoint is gone"],
    [{ secrets: [] }, "the endpoint has no secret"],
    [{ localReceivers: false }, "its address is not on the public network"],
  ])("for an endpoint that is %o calls nobody and fails", async (given, reason) => {
    const { url, received } = await receiver(200);
    const { deps, done } = world(url, given);
    expect(await deliverWebhook(deps, message)).toBe("failed");
    expect([done, received]).toEqual([[["failed", reason]], []]);
  });

  it("about somebody who has been erased is dropped, and nothing is told of it", async () => {
    const { url, received } = await receiver(503);
    const { deps, done } = world(url);
    const about = { contactId: "erased", properties: {} };
    expect(await deliverWebhook(deps, { ...message, about })).toBe("erased");
    expect([done, received]).toEqual([[], []]);
  });

  it("for an endpoint that is not there fails", async () => {
    const { deps, done } = world("https://desk.example/");
    expect(await deliverWebhook(deps, { ...message, endpointId: "nobody" })).toBe("failed");
    expect(done).toEqual([["failed", "no such endpoint"]]);
  });

  it("waits one minute, five, thirty, two hours, eight hours", () => {
    const waits = [0, 1, 2, 3, 4, 5].map((tries) => nextTry(tries, new Date("2026-03-01T12:00:00Z")));
    expect(waits.map((at) => at && (at.getTime() - Date.parse("2026-03-01T12:00:00Z")) / 60_000)).toEqual([
      1,
      5,
      30,
      120,
      480,
      undefined,
    ]);
  });
});

describe("an endpoint's address", () => {
  const kept = (url: string, localReceivers = false) => endpointUrl(url, { localReceivers });

  it("is HTTPS on the public network, or where it is allowed this machine", () => {
    expect(kept("https://Desk.example/hook?team=a")).toBe("https://desk.example/hook?team=a");
    expect(kept("http://127.0.0.1:8080/hook", true)).toBe("http://127.0.0.1:8080/hook");
  });

  it.each([
    "not a url",
    "http://desk.example/",
    "http://127.0.0.1:8080/",
    "https://10.0.0.1/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://[::1]/",
    "https://[::ffff:10.0.0.1]/",
    "https://localhost/",
    "https://localhost./",
    "https://metadata.google.internal/",
    "https://desk/",
    "https://desk.example:8443/",
    "https://user:word@desk.example/",
    "https://desk.example/#part",
  ])("is not %s", (url) => {
    expect(() => kept(url)).toThrow(DomainError);
  });

  it.each([
    ["whsec_", false],
    [`whsec_${Buffer.alloc(23).toString("base64")}`, false],
    [Buffer.alloc(32).toString("base64"), false],
    [`whsec_${Buffer.alloc(65).toString("base64")}`, false],
    [other, true],
  ])("comes with a secret of 24 to 64 bytes: %s", (given, good) => {
    const url = "https://desk.example/";
    expect(endpointRequestSchema.safeParse({ url, secret: given }).success).toBe(good);
  });
});
