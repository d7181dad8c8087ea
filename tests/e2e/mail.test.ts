import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { linkIn } from "../../scripts/mail.ts";
import { assemblyWith } from "../support/assembly.ts";
import { startTestStack, type TestStack } from "../support/stack.ts";

const perSecond = 10;
/** The same stacks with a slow SES account and quiet hours. */
const slow = assemblyWith(inject("assembly"), {
  SES_PER_SECOND: `${perSecond}`,
  QUIET_FROM: "21",
  QUIET_UNTIL: "8",
});
let stack: TestStack;
let key: string;

beforeAll(async () => {
  stack = await startTestStack({ assembly: slow.assembly });
  const answer = await stack.staff("admin", "POST", "/v1/api-keys", { body: { name: "shop", scopes: ["messages"] } });
  key = (await answer.json()).secret;
  await stack.staff("admin", "PUT", "/v1/templates/order-note", {
    body: {
      name: "Order note",
      stream: "transactional",
      subject: "Your order {{ order.id }}",
      mjml: `<mjml><mj-body><mj-section><mj-column><mj-text>{% for line in order.lines %}{{ line.quantity }} x {{ line.name }}: {{ line.price }}{% endfor %}</mj-text></mj-column></mj-section></mj-body></mjml>`,
    },
  });
});
afterAll(async () => {
  await stack.process.close();
  slow.remove();
});

const order = (id: string) => ({
  orderId: id,
  products: [{ name: "Blue mug", quantity: 2, price: { amount: 1250, currency: "USD" } }],
});

function ask(to: string, idempotencyKey: string, more: object = {}, secret = key): Promise<Response> {
  return fetch(`${stack.publicUrl}/v1/messages`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${secret}`,
      "content-type": "application/json",
      "idempotency-key": idempotencyKey,
    },
    body: JSON.stringify({ to, templateId: "order-note", data: { order: order("1001") }, ...more }),
  });
}

async function subscribe(email: string): Promise<void> {
  await stack.postLead({ email, firstName: "Ann", marketing: true });
  await stack.host.drain();
  await stack.press((await stack.mailsTo(email)).at(-1), "c");
  await stack.host.drain();
}

async function localHour(): Promise<number> {
  const { now } = (await stack.host.state()).clock;
  return Number(
    new Intl.DateTimeFormat("en", { timeZone: "America/New_York", hour: "numeric", hourCycle: "h23" }).format(
      new Date(now),
    ),
  );
}

describe("a transactional message", () => {
  it("is sent once by its template, whatever is repeated, and another body under its key is refused", async () => {
    const first = await ask("buyer@customers.example", "order-1001-confirmation");
    const again = await ask("buyer@customers.example", "order-1001-confirmation");
    expect([first.status, await first.json()]).toEqual([202, await again.json()]);
    const other = await ask("other@customers.example", "order-1001-confirmation");
    expect(other.status).toBe(422);
    await stack.host.drain();
    const mails = await stack.mailsTo("buyer@customers.example");
    expect(mails.map(({ subject }) => subject)).toEqual(["Your order 1001"]);
    expect(mails[0]?.text).toContain("2 x Blue mug: $25.00".replace("25.00", "12.50"));
    expect(mails[0]?.headers.has("list-unsubscribe")).toBe(false);
    expect(await stack.mailsTo("other@customers.example")).toEqual([]);
  });

  it.each([
    ["of a marketing template", { templateId: "cart-1" }, 422],
    ["of an unknown template", { templateId: "nothing" }, 422],
    ["to no address", { to: "nobody" }, 422],
  ])("%s is refused", async (_, more, status) => {
    expect((await ask("buyer@customers.example", "order-1001-refused-one", more)).status).toBe(status);
  });

  it("needs a key with its scope, and lacks nothing of its template", async () => {
    expect((await ask("buyer@customers.example", "order-1001-no-right", {}, await stack.apiKey())).status).toBe(403);
    await ask("hole@customers.example", "order-without-lines", { data: { order: { orderId: "7" } } });
    await stack.host.drain();
    expect(await stack.mailsTo("hole@customers.example")).toEqual([]);
  });
});

describe("a burst above the rate of SES", () => {
  it("is sent whole, nothing fails, and no second holds more than the rate", async () => {
    await stack.host.setMailQuota({ maxSendRate: perSecond });
    const count = 40;
    await Promise.all(
      Array.from({ length: count }, (_, index) => ask(`burst${index}@customers.example`, `burst-number-${index}-x`)),
    );
    for (let round = 0; round < 3; round++) {
      await stack.host.drain();
      await stack.host.advance("2m", "1m");
    }
    const sent = (await stack.host.mails()).filter(({ to }) => to.some((address) => address.startsWith("burst")));
    expect(new Set(sent.map(({ to }) => to[0])).size).toBe(count);
    expect(sent).toHaveLength(count);
    const times = sent.map(({ timestamp }) => Date.parse(timestamp));
    for (const time of times) {
      expect(times.filter((other) => other > time - 1_000 && other <= time).length).toBeLessThanOrEqual(perSecond);
    }
    await stack.host.setMailQuota({});
  });
});

describe("marketing", () => {
  /** Win-backs asked for by a queue message, as a journey's run asks for them. */
  async function winBack(email: string, messageKey: string): Promise<void> {
    const found = await stack.contact(email);
    const { now } = (await stack.host.state()).clock;
    const body = JSON.stringify({
      owner: { contactId: found?.contact.id },
      messageKey,
      templateId: "win-back-1",
      requestedAt: now,
      correlationId: messageKey,
    });
    await stack.host.invoke("rapport-dev-mail", {
      Records: [
        {
          messageId: messageKey,
          body,
          attributes: { SentTimestamp: String(Date.parse(now)), ApproximateReceiveCount: "1" },
        },
      ],
    });
    await stack.host.drain();
  }
  const winBacksTo = async (email: string) =>
    (await stack.mailsTo(email)).filter(({ subject }) => subject === "It has been a while");

  async function advanceToHour(hour: number): Promise<void> {
    for (let step = 0; step < 48 && (await localHour()) !== hour; step++) await stack.host.advance("30m", "30m");
  }

  it("waits in quiet hours until eight o'clock", async () => {
    const email = "night@customers.example";
    await subscribe(email);
    expect((await stack.mailsTo(email)).map(({ subject }) => subject)).toEqual([
      expect.stringContaining("confirm"),
      expect.stringContaining("Welcome"),
    ]);
    await advanceToHour(22);
    await winBack(email, "night-1");
    await stack.host.advance("9h", "30m");
    expect(await winBacksTo(email)).toEqual([]);
    await advanceToHour(8);
    await stack.host.advance("15m", "5m");
    await stack.host.drain();
    const [mail] = await winBacksTo(email);
    expect(mail?.text).toContain("Hello Ann,");
    expect(await localHour()).toBe(8);
  });

  it("reaches a contact once in 20 hours, whatever asks for it; the next one comes when there is room", async () => {
    const email = "capped@customers.example";
    await subscribe(email);
    await advanceToHour(9);
    await Promise.all(["one", "two"].map((name) => winBack(email, `capped-${name}`)));
    expect(await winBacksTo(email)).toHaveLength(1);
    await stack.host.advance("24h", "1h");
    await stack.host.drain();
    expect(await winBacksTo(email)).toHaveLength(2);
  });

  it("respects an unsubscribe between claim and sending", async () => {
    const email = "gone@customers.example";
    await subscribe(email);
    await advanceToHour(10);
    await stack.host.setFaults([{ service: "ses", kind: "throttle", times: 1 }]);
    await winBack(email, "gone-1");
    await stack.host.setFaults([]);
    await stack.press((await stack.mailsTo(email)).at(-1), "u");
    await stack.host.drain();
    await stack.host.advance("5m", "1m");
    expect(await winBacksTo(email)).toEqual([]);
    const skipped = (await stack.contact(email))?.events.filter(({ name }) => name === "Email Skipped");
    expect(skipped?.map(({ properties }) => properties.reason)).toEqual(["no consent"]);
  });

  it("pauses for 30 days from the preference centre, and goes on when its reader says so", async () => {
    const email = "pausing@customers.example";
    await subscribe(email);
    await advanceToHour(10);
    const link = linkIn((await stack.mailsTo(email)).at(-1) ?? { text: "" }, "p") ?? "";
    const page = await fetch(link);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining("Pause them for 30 days")]);
    const choose = (choice: string, more: Record<string, string> = {}) =>
      fetch(link, { method: "POST", body: new URLSearchParams({ choice, ...more }) }).then(({ status }) => status);
    expect(await choose("everything")).toBe(422);
    expect(await choose("pause")).toBe(200);
    await stack.host.drain();
    await winBack(email, "pausing-1");
    expect(await winBacksTo(email)).toEqual([]);
    expect(await choose("all")).toBe(200);
    await stack.host.drain();
    await winBack(email, "pausing-2");
    expect(await winBacksTo(email)).toHaveLength(1);
    expect(await choose("save", { "topic-offers": "off", frequency: "monthly" })).toBe(200);
    await stack.host.drain();
    await winBack(email, "pausing-3");
    expect(await winBacksTo(email)).toHaveLength(1);
    const skipped = (await stack.contact(email))?.events.filter(({ name }) => name === "Email Skipped");
    expect(skipped?.map(({ properties }) => properties.reason)).toEqual(["paused by the reader", "no consent"]);
    expect((await stack.mailsTo(email)).filter(({ subject }) => subject.includes("Welcome"))).toHaveLength(1);

    const path = `/v1/contacts/${(await stack.contact(email))?.contact.id}/consent`;
    const said = { state: "subscribed", topics: ["offers"], basis: "express", evidence: "Said so on the phone." };
    expect((await stack.staff("sales", "PUT", path, { body: said })).status).toBe(409);
    const off = { state: "unsubscribed", topics: ["product"], evidence: "Said so on the phone." };
    expect((await stack.staff("sales", "PUT", path, { body: off })).status).toBe(202);
    await stack.host.drain();
    const { topics } = await (await stack.staff("sales", "GET", path)).json();
    expect(topics.map(({ topic, state }: Record<string, string>) => `${topic} ${state}`)).toEqual([
      "* subscribed",
      "offers unsubscribed",
      "product unsubscribed",
    ]);
  });
});

it("shows who is suppressed and why, and an administrator may lift it", async () => {
  const email = "bounce@simulator.amazonses.com";
  await ask(email, "bouncing-message-1");
  await stack.host.drain();
  const path = `/v1/suppressions/${encodeURIComponent(email)}`;
  expect(await (await stack.staff("sales", "GET", path)).json()).toMatchObject({ suppressed: true, reason: "bounce" });
  const list = await (await stack.staff("sales", "GET", "/v1/suppressions?limit=1")).json();
  expect(list).toMatchObject({ items: [{ reason: "bounce", contactId: expect.any(String) }], nextCursor: null });
  expect((await stack.staff("marketer", "DELETE", path)).status).toBe(403);
  expect((await stack.staff("admin", "DELETE", path)).status).toBe(200);
  expect(await (await stack.staff("sales", "GET", path)).json()).toMatchObject({ suppressed: false });
  expect(await (await stack.staff("manager", "GET", "/v1/sending")).json()).toMatchObject({ marketing: "open" });
});
