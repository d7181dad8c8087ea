import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestStack, type TestStack } from "../support/stack.ts";

let stack: TestStack;
let key: string;
/** People who may get marketing mail, with the welcome series behind them: two series at once meet the frequency cap. */
const subscribers = ["forgetful", "decided", "trial"].map((name) => `${name}@customers.example`);
const ids = new Map<string, string>();
beforeAll(async () => {
  stack = await startTestStack();
  key = await stack.apiKey();
  for (const email of subscribers) ids.set(email, await subscribe(email));
  await stack.host.advance("360h", "12h");
  await untilDaylight();
});
afterAll(() => stack.process.close());

const now = async () => (await stack.host.state()).clock.now;

/** Moves to 15:00 UTC, when no house has quiet hours: marketing would wait for their end. */
async function untilDaylight(): Promise<void> {
  const clock = new Date(await now());
  const ahead = (15 * 60 - clock.getUTCHours() * 60 - clock.getUTCMinutes() + 1440) % 1440;
  await stack.host.advance(`${ahead + 1440}m`, "3h");
}

async function subscribe(email: string): Promise<string> {
  await stack.postLead({ email, firstName: "Ada", marketing: true });
  await stack.host.drain();
  const [confirmation] = await stack.mailsTo(email);
  expect(await stack.press(confirmation, "c")).toBe(200);
  await stack.host.drain();
  return (await stack.contact(email))?.contact.id ?? "";
}

let told = 0;

async function tell(email: string, event: string, properties: Record<string, unknown>): Promise<void> {
  told++;
  const response = await stack.track(key, {
    type: "track",
    event,
    messageId: `journeys-${told}`,
    timestamp: await now(),
    context: { traits: { email } },
    properties,
  });
  expect([response.status, await response.text()]).toEqual([expect.any(Number), expect.any(String)]);
  expect(response.ok).toBe(true);
  await stack.host.drain();
}

const cart = (id: string) => ({
  cart_id: id,
  currency: "USD",
  value: 25,
  products: [{ product_id: "tea", name: "Green tea", price: 12.5, quantity: 2 }],
});

interface RunView {
  readonly state: string;
  readonly stepId: string;
  readonly endedBy: string | null;
  readonly journeyVersion: number;
  readonly log: readonly { readonly stepId: string; readonly outcome?: string; readonly reason?: string }[];
}

async function runs(journey: string, contactId: string): Promise<readonly RunView[]> {
  const response = await stack.staff("marketer", "GET", `/v1/journeys/${journey}/runs/${contactId}`);
  return (await response.json()).items;
}

/** How many mails of a journey's step were sent, by the beginning of their keys. */
async function sentOf(email: string, messageKey: string): Promise<number> {
  const found = await stack.contact(email);
  const sent = found?.events.filter(({ name }) => name === "Email Sent") ?? [];
  return sent.filter(({ properties }) => String(properties.messageKey).startsWith(messageKey)).length;
}

const post = (path: string) => stack.staff("admin", "POST", `/v1/journeys/${path}`);

it("a welcome series has four mails in seven days, once and for ever", async () => {
  const [email = ""] = subscribers;
  expect(await sentOf(email, "welcome.once.0.")).toBe(4);
  expect(await runs("welcome", ids.get(email) ?? "")).toMatchObject([{ state: "ended", endedBy: "completed" }]);
});

describe("an abandoned cart", () => {
  const secret = "shop-secret-1";
  beforeAll(async () => {
    const body = { connector: "shopify", secret };
    expect((await stack.staff("admin", "PUT", "/v1/sources/harbour", { body })).status).toBe(200);
  });

  /** A webhook of a shop, as it signs it. */
  async function shopify(topic: string, body: object): Promise<void> {
    told++;
    const text = JSON.stringify(body);
    const headers = {
      "content-type": "application/json",
      "x-shopify-topic": topic,
      "x-shopify-webhook-id": `journeys-${told}`,
      "x-shopify-hmac-sha256": createHmac("sha256", secret).update(text).digest("base64"),
    };
    const url = `${stack.publicUrl}/v1/webhooks/shopify/harbour`;
    expect((await fetch(url, { method: "POST", headers, body: text })).status).toBe(200);
    await stack.host.drain();
  }

  const line = (title: string, quantity: number) => ({ product_id: title.length, title, quantity, price: "12.50" });
  const basket = async (name: string, email: string, title: string, quantity: number) => ({
    token: `checkout-token-of-${name}`,
    cart_token: `cart-token-of-${name}`,
    email,
    currency: "EUR",
    created_at: await now(),
    updated_at: await now(),
    abandoned_checkout_url: "https://shop.example/recover",
    line_items: [line(title, quantity)],
  });
  const mailAbout = async (email: string, step: string) => {
    const sent = (await stack.contact(email))?.events.filter(({ name }) => name === "Email Sent") ?? [];
    const at = sent.filter(({ properties }) => String(properties.messageKey).startsWith("abandoned-cart.")).length;
    expect([step, at]).toEqual([step, ["first", "second", "third"].indexOf(step) + 1]);
    return (await stack.mailsTo(email)).at(-1)?.text ?? "";
  };

  it("that a shop tells of gets three mails, 1, 24 and 72 hours after its last activity, each with what is in it", async () => {
    const email = "forgetful@customers.example";
    await shopify("checkouts/create", await basket("forgetful", email, "Green tea", 2));
    await stack.host.advance("10m");
    const { cart_token: _, ...nameless } = await basket("forgetful", email, "Green tea", 3);
    await shopify("checkouts/update", nameless);
    await stack.host.advance("50m", "10m");
    expect(await sentOf(email, "abandoned-cart.")).toBe(0);
    await stack.host.advance("20m", "10m");
    expect(await mailAbout(email, "first")).toContain("3 × Green tea, €12.50");
    const { cart_token: token, updated_at } = await basket("forgetful", email, "", 0);
    const price = { line_price_set: { shop_money: { amount: "12.50", currency_code: "EUR" } } };
    await shopify("carts/update", { token, updated_at, line_items: [{ ...line("Old mug", 1), ...price }] });
    await stack.host.advance("22h", "2h");
    expect(await sentOf(email, "abandoned-cart.")).toBe(1);
    await stack.host.advance("3h", "1h");
    const second = await mailAbout(email, "second");
    expect(second).toContain("1 × Old mug");
    expect(second).toContain("Together €12.50.");
    expect(second).toContain("https://shop.example/recover");
    expect(second).not.toContain("Green tea");
    await stack.host.advance("48h", "4h");
    expect(await mailAbout(email, "third")).toContain("1 × Old mug");
    const all = await runs("abandoned-cart", ids.get(email) ?? "");
    expect(all).toMatchObject([{ state: "ended", endedBy: "completed" }]);
  });

  it("that is ordered after the second gets no third, whoever pays; one that was emptied gets none", async () => {
    const email = "decided@customers.example";
    await untilDaylight();
    await tell(email, "Product Added", { ...cart("emptied").products[0], cart_id: "emptied", currency: "USD" });
    await tell(email, "Product Removed", { product_id: "tea", quantity: 2, cart_id: "emptied" });
    const basketOf = await basket("decided", email, "Green tea", 2);
    await shopify("checkouts/create", basketOf);
    await stack.host.advance("26h", "2h");
    expect(await sentOf(email, "abandoned-cart.")).toBe(2);
    expect(await sentOf(email, "abandoned-cart.cart-token-of-decided.")).toBe(2);
    const skipped = (await stack.contact(email))?.events.filter(({ name }) => name === "Email Skipped");
    expect(skipped?.map(({ properties }) => properties.reason)).toEqual(["cart is gone", "cart is gone"]);
    const { token: checkout_token, ...rest } = basketOf;
    const paid = { financial_status: "paid", subtotal_price: "25.00", created_at: await now() };
    await shopify("orders/create", { ...rest, ...paid, id: 7, checkout_token, email: "wallet@customers.example" });
    const all = await runs("abandoned-cart", ids.get(email) ?? "");
    expect(all.find(({ endedBy }) => endedBy === "exit")).toMatchObject({ entryKey: "cart-token-of-decided" });
    await stack.host.advance("60h", "6h");
    expect(await sentOf(email, "abandoned-cart.")).toBe(2);
  });

  it("of a person who may not get marketing mail gets none, and says why", async () => {
    const email = "private@customers.example";
    await stack.postLead({ email });
    await tell(email, "Checkout Started", cart("cart-e2e-3"));
    await stack.host.advance("2h", "30m");
    expect(await sentOf(email, "abandoned-cart.")).toBe(0);
    const found = await stack.contact(email);
    const skipped = found?.events.filter(({ name }) => name === "Email Skipped");
    expect(skipped).toMatchObject([{ properties: { reason: "no consent" } }]);
    const visit = { stepId: "first", outcome: "skipped", reason: "no consent" };
    expect((await runs("abandoned-cart", found?.contact.id ?? ""))[0]?.log).toContainEqual(
      expect.objectContaining(visit),
    );
    const report = await (await stack.staff("marketer", "GET", "/v1/journeys/abandoned-cart/report")).json();
    expect(report.steps).toContainEqual(
      expect.objectContaining({ stepId: "first", skipped: expect.objectContaining({ "no consent": 1 }) }),
    );
  });
});

describe("a journey's results", () => {
  const results = async () => {
    await stack.host.advance("61m", "61m");
    return (await stack.staff("manager", "GET", "/v1/journeys/abandoned-cart/results")).json();
  };

  it("credit the order that follows a click to its mail, and take back what is refunded", async () => {
    const email = "decided@customers.example";
    const mail = (await stack.mailsTo(email)).findLast(({ html }) => html.includes("Green tea"));
    await stack.host.mailEvent(mail?.id ?? "", "open");
    await stack.host.mailEvent(mail?.id ?? "", "click", { link: "https://shop.example/cart" });
    await stack.host.advance("1m");
    await tell(email, "Order Completed", { order_id: "o-e2e-9", currency: "USD", revenue: 40, products: [] });
    const before = await results();
    expect(before).toMatchObject({
      totals: { sent: 5, delivered: 5, opened: 1, clicked: 1, converted: 1 },
      complete: false,
    });
    expect(before.totals).toMatchObject({ skipped: { "no consent": 1 }, revenue: { USD: 4000 }, refunded: {} });
    await tell(email, "Order Refunded", { order_id: "o-e2e-9", refund_id: "r-1", currency: "USD", revenue: 15 });
    const cost = { costs: [{ date: (await now()).slice(0, 10), cost: { amount: 1000, currency: "USD" } }] };
    const put = await stack.staff("marketer", "PUT", "/v1/campaigns/journey/abandoned-cart/cost", { body: cost });
    expect([put.status, put.headers.get("etag")]).toEqual([201, '"1"']);
    const after = await results();
    expect(after).toMatchObject({
      totals: { revenue: { USD: 4000 }, refunded: { USD: 1500 } },
      cost: { amount: 1000, currency: "USD", source: "entered" },
      roi: 1.5,
      lift: null,
    });
    expect(after.lines.find(({ stepId }: { stepId: string }) => stepId === "second")).toMatchObject({
      sent: 2,
      converted: 1,
    });
  });

  it("are refused for a journey that is not there, and for days that end before they begin", async () => {
    const read = async (path: string) => {
      const response = await stack.staff("manager", "GET", path);
      return [response.status, (await response.json()).code];
    };
    expect(await read("/v1/journeys/nothing/results")).toEqual([404, "not_found"]);
    expect(await read("/v1/journeys/welcome/results?from=2026-02-02&to=2026-02-01")).toEqual([422, "invalid_input"]);
    expect(await read("/v1/campaigns/journey/welcome/cost")).toEqual([404, "not_found"]);
  });
});

it("a mail in flight when the order arrives is told as overtaken, and the series ends", async () => {
  const email = "trial@customers.example";
  await untilDaylight();
  // SES takes the mail, and neither its answer nor its event reaches us before the order does.
  await stack.host.setSource("rapport-dev-ses-events", false);
  await stack.host.setFaults([{ function: "*-mail", service: "ses", kind: "timeoutAfter", nth: 1 }]);
  await tell(email, "Checkout Started", cart("cart-e2e-4"));
  await stack.host.advance("65m", "5m");
  await tell(email, "Order Completed", { order_id: "o-e2e-4", ...cart("cart-e2e-4"), revenue: 25 });
  const told = async () => {
    const events = (await stack.contact(email))?.events ?? [];
    const ofCart = events.filter(({ properties }) => String(properties.messageKey).includes(".cart-e2e-4."));
    return ofCart.map(({ name }) => name).sort();
  };
  expect(await told()).toEqual(["Email Overtaken", "Email Unconfirmed"]);
  expect(await runs("abandoned-cart", ids.get(email) ?? "")).toMatchObject([
    {
      endedBy: "exit",
      log: [{ stepId: "one-hour" }, { stepId: "first", outcome: "unconfirmed" }, { outcome: "left" }],
    },
  ]);
  await stack.host.setFaults([]);
  await stack.host.setSource("rapport-dev-ses-events", true);
  await stack.host.drain();
  expect(await told()).toEqual(["Email Delivered", "Email Overtaken", "Email Sent", "Email Unconfirmed"]);
});

describe("a journey of one's own", () => {
  const definition = (subjectStep: string) => ({
    name: "Trial",
    trigger: { event: "Trial Started" },
    start: "first",
    steps: [
      { type: "email", id: "first", templateId: "welcome-2", next: "pause" },
      { type: "wait", id: "pause", for: "P1D", next: subjectStep },
      { type: "email", id: subjectStep, templateId: "welcome-3", next: "end" },
      { type: "end", id: "end" },
    ],
  });
  const email = "trial@customers.example";
  let id: string;

  it("is refused with each mistake named, and nothing is half-saved", async () => {
    const body = { ...definition("second"), start: "nowhere" };
    const response = await stack.staff("admin", "PUT", "/v1/journeys/trial", { body });
    expect([response.status, (await response.json()).errors]).toEqual([
      422,
      [expect.objectContaining({ pointer: "/start", message: "there is no step nowhere" })],
    ]);
    expect((await stack.staff("admin", "GET", "/v1/journeys/trial")).status).toBe(404);
  });

  it("starts nothing as a draft, shows by a dry run what it would do, and works once published", async () => {
    id = ids.get(email) ?? "";
    await untilDaylight();
    const put = await stack.staff("admin", "PUT", "/v1/journeys/trial", { body: definition("second") });
    expect([put.status, put.headers.get("etag")]).toEqual([201, '"1"']);
    await tell(email, "Trial Started", {});
    expect(await runs("trial", id)).toEqual([]);
    const dry = await stack.staff("marketer", "POST", "/v1/journeys/trial/simulate", { body: { contactId: id } });
    expect((await dry.json()).mails).toEqual([
      expect.objectContaining({ stepId: "first", subject: expect.any(String), skipped: null }),
      expect.objectContaining({ stepId: "second", html: expect.stringContaining("/u/example"), skipped: null }),
    ]);
    expect(await runs("trial", id)).toEqual([]);
    expect(await (await post("trial/publish")).json()).toMatchObject({ state: "published", publishedVersion: 1 });
    await stack.host.advance("1m");
    await tell(email, "Trial Started", {});
    expect(await runs("trial", id)).toMatchObject([{ state: "active", stepId: "pause" }]);
  });

  it("sends nothing while it is paused, and goes on afterwards without a burst", async () => {
    const before = await sentOf(email, "trial.");
    expect(await (await post("trial/pause")).json()).toMatchObject({ state: "paused" });
    await stack.host.advance("30h", "3h");
    expect((await runs("trial", id))[0]).toMatchObject({ state: "active", stepId: "pause" });
    expect(await sentOf(email, "trial.")).toBe(before);
    expect(await (await post("trial/resume")).json()).toMatchObject({ state: "published" });
    await stack.host.advance("70m", "10m");
    await untilDaylight();
    expect(await runs("trial", id)).toMatchObject([{ state: "ended", endedBy: "completed" }]);
    const report = await (await stack.staff("marketer", "GET", "/v1/journeys/trial/report")).json();
    expect(report.runs).toEqual({ begun: 1, begunLately: 1, refused: 0, active: 0, ended: { completed: 1 } });
    expect(report.steps.map(({ stepId, passed }: Record<string, unknown>) => [stepId, passed])).toEqual([
      ["first", 1],
      ["pause", 1],
      ["second", 1],
      ["end", 1],
    ]);
  });

  it("in a second version neither enters nor sends again", async () => {
    expect(await sentOf(email, "trial.")).toBe(2);
    const body = definition("third");
    const stale = await stack.staff("admin", "PUT", "/v1/journeys/trial", { body, headers: { "if-match": '"1"' } });
    expect(stale.status).toBe(409);
    const { revision } = await (await stack.staff("admin", "GET", "/v1/journeys/trial")).json();
    const headers = { "if-match": `"${revision}"` };
    expect((await stack.staff("admin", "PUT", "/v1/journeys/trial", { body, headers })).status).toBe(200);
    expect(await (await post("trial/publish")).json()).toMatchObject({ publishedVersion: 2 });
    await stack.host.advance("1m");
    await tell(email, "Trial Started", {});
    await stack.host.advance("48h", "6h");
    expect(await runs("trial", id)).toMatchObject([{ journeyVersion: 1, endedBy: "completed" }]);
    expect(await sentOf(email, "trial.")).toBe(2);
  });
});

it("a journey's survey is answered by a tap and a confirmation, never by whoever follows its links", async () => {
  const html = "<p>{{ survey.question }}</p>{{ survey.buttons | raw }}";
  const template = { name: "Ask", stream: "transactional", survey: "nps", subject: "{{ survey.title }}", html };
  expect((await stack.staff("marketer", "PUT", "/v1/templates/ask", { body: template })).status).toBe(201);
  const steps = [
    { type: "email", id: "ask", templateId: "ask", next: "end" },
    { type: "end", id: "end" },
  ];
  const body = { name: "Ask", trigger: { event: "Support Ended" }, start: "ask", steps };
  expect((await stack.staff("marketer", "PUT", "/v1/journeys/ask", { body })).status).toBe(201);
  await post("ask/publish");
  await stack.host.advance("1m");
  const email = "asked@customers.example";
  await tell(email, "Support Ended", {});
  const mail = (await stack.mailsTo(email)).find(({ subject }) => subject === "Would you recommend us?");
  const links = [...(mail?.html.matchAll(/href="([^"]*\/s\/[^"]*)"/g) ?? [])].map(([, link = ""]) => link);
  expect(links).toHaveLength(11);
  const answered = async () => {
    await stack.host.drain();
    const events = (await stack.contact(email))?.events ?? [];
    return events.filter(({ name }) => name === "Survey Answered").map(({ properties }) => properties.score);
  };
  const nps = async () => {
    await stack.host.invoke("rapport-dev-kpi-roll-up", {});
    const { items } = await (await stack.staff("manager", "GET", "/v1/kpis?period=year")).json();
    return items.find(({ kpi }: { kpi: string }) => kpi === "nps");
  };
  for (const link of links) expect((await fetch(link)).status).toBe(200);
  expect(await answered()).toEqual([]);
  expect(await nps()).toMatchObject({ value: null, n: 0 });

  const confirm = (link: string) => {
    const score = new URL(link).searchParams.get("score") ?? "";
    return fetch(link, { method: "POST", body: new URLSearchParams({ score }) });
  };
  expect(await (await confirm(links[10] ?? "")).text()).toContain('name="comment"');
  expect(await answered()).toEqual([10]);
  expect(await nps()).toMatchObject({ value: 100, n: 1 });
  await stack.host.advance("25h", "5h");
  expect((await confirm(links[2] ?? "")).status).toBe(200);
  expect(await answered()).toEqual([10, 2]);
  expect(await nps()).toMatchObject({ value: -100, n: 1 });
  const results = await (await stack.staff("marketer", "GET", "/v1/surveys/nps/results")).json();
  expect(results).toMatchObject({ respondents: 1, answered: 1, value: -100, mean: 2 });
});

it("a journey that the API starts takes each request once, and no more than its entry limit", async () => {
  const body = {
    name: "Asked",
    trigger: { type: "api" },
    entryLimits: { inAll: 2 },
    start: "tag",
    steps: [
      { type: "update", id: "tag", addTags: ["asked"], next: "call" },
      {
        type: "task",
        id: "call",
        title: "Call {{ contact.fields.firstName }} about {{ event.size }}",
        owner: "kim@shop.example",
        next: "end",
      },
      { type: "end", id: "end" },
    ],
  };
  expect((await stack.staff("admin", "PUT", "/v1/journeys/asked", { body })).status).toBe(201);
  const ask = async (email: string, entryKey: string) => {
    const headers = { "idempotency-key": `asked-${entryKey}-0123456789` };
    const request = { email, entryKey, properties: { size: 42 } };
    return (await stack.staff("marketer", "POST", "/v1/journeys/asked/runs", { body: request, headers })).status;
  };
  const [email = ""] = subscribers;
  expect(await ask(email, "draft")).toBe(422);
  await post("asked/publish");
  await stack.host.advance("1m");
  for (const entryKey of ["one", "one", "two", "three"]) {
    expect(await ask(email, entryKey)).toBe(202);
    await stack.host.drain();
  }
  const report = await (await stack.staff("marketer", "GET", "/v1/journeys/asked/report")).json();
  expect(report.runs).toEqual({ begun: 2, begunLately: 2, refused: 1, active: 0, ended: { completed: 2 } });
  expect((await stack.contact(email))?.contact).toMatchObject({ tags: ["asked"] });
  const tasks = async (state: string) =>
    (await (await stack.staff("sales", "GET", `/v1/tasks?owner=kim@shop.example&state=${state}`)).json()).items;
  const open = await tasks("open");
  expect(open.map(({ title }: { title: string }) => title)).toEqual(["Call Ada about 42", "Call Ada about 42"]);
  const patch = await stack.staff("sales", "PATCH", `/v1/tasks/${open[0].id}`, { body: { state: "done" } });
  expect(await patch.json()).toMatchObject({ state: "done", doneBy: "sales" });
  expect([(await tasks("open")).length, (await tasks("done")).length]).toEqual([1, 1]);
});

it("a journey's webhook reaches an endpoint signed, again after a fault, and never a private address", async () => {
  const secret = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;
  const received: { readonly headers: Readonly<Record<string, unknown>>; readonly body: string }[] = [];
  const desk = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    received.push({ headers: request.headers, body });
    response.writeHead(received.length === 1 ? 503 : 204).end();
  });
  await new Promise<void>((resolve) => desk.listen(0, "127.0.0.1", resolve));
  const address = desk.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/hook`;
  const steps = [
    { type: "webhook", id: "desk", endpointId: "desk", send: ["contact.email", "event.size"], next: "end" },
    { type: "end", id: "end" },
  ];
  const journey = { name: "Told", trigger: { event: "Desk Wanted" }, start: "desk", steps };
  const putJourney = async () => (await stack.staff("admin", "PUT", "/v1/journeys/told", { body: journey })).status;
  const putEndpoint = async (body: object) =>
    (await stack.staff("admin", "PUT", "/v1/webhook-endpoints/desk", { body })).status;
  expect(await putJourney()).toBe(422);
  expect([await putEndpoint({ url: "https://10.0.0.1/", secret }), await putEndpoint({ url })]).toEqual([422, 422]);
  expect([await putEndpoint({ url, secret }), await putJourney()]).toEqual([200, 201]);
  await post("told/publish");
  await stack.host.advance("1m");
  const [email = ""] = subscribers;
  await tell(email, "Desk Wanted", { size: 42 });
  expect(received).toHaveLength(1);
  await stack.host.advance("4m", "1m");
  desk.close();
  expect(received).toHaveLength(2);
  for (const { headers, body } of received) {
    const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
    const key = Buffer.from(secret.slice(6), "base64");
    expect(headers["webhook-signature"]).toBe(`v1,${createHmac("sha256", key).update(signed).digest("base64")}`);
  }
  const [first, second] = received.map(({ headers, body }) => ({ id: headers["webhook-id"], body: JSON.parse(body) }));
  expect(second).toEqual(first);
  expect(first?.body).toMatchObject({
    type: "journey.step",
    data: { journeyId: "told", stepId: "desk", values: { "contact.email": email, "event.size": 42 } },
  });
});

it("a journey that a date starts begins at its hour, for who was there before it", async () => {
  const email = "born@customers.example";
  await stack.postLead({ email });
  const day = new Date(Date.parse(await now()) + 2 * 86_400_000).toISOString().slice(0, 10);
  const traits = { email, renewal: day };
  const identify = { type: "identify", messageId: "born-1", timestamp: await now(), traits };
  const headers = { authorization: `Basic ${btoa(`${key}:`)}`, "content-type": "application/json" };
  const identified = await fetch(`${stack.publicUrl}/v1/identify`, {
    method: "POST",
    headers,
    body: JSON.stringify(identify),
  });
  expect(identified.status).toBe(202);
  await stack.host.drain();
  const body = {
    name: "Renewal",
    trigger: { type: "date", date: "contact.traits.renewal", offset: "-P1D", hour: 12 },
    timeZone: "UTC",
    start: "tag",
    steps: [
      { type: "update", id: "tag", addTags: ["renews"], next: "end" },
      { type: "end", id: "end" },
    ],
  };
  await stack.staff("admin", "PUT", "/v1/journeys/renewal", { body });
  expect(await (await post("renewal/publish")).json()).toMatchObject({ state: "published", inside: null });
  await stack.host.advance("3m", "1m");
  expect((await stack.contact(email))?.contact).toMatchObject({ tags: [] });
  await stack.host.advance("36h", "12h");
  expect((await stack.contact(email))?.contact).toMatchObject({ tags: ["renews"] });
  expect(await runs("renewal", (await stack.contact(email))?.contact.id ?? "")).toMatchObject([{ entryKey: day }]);
});

describe.each(["crashBefore", "crashAfter"] as const)("%s at any call of the journeys function", (kind) => {
  it("loses no step and repeats none", async () => {
    let calls = 0;
    for (let nth = 1; nth <= 12; nth++) {
      const email = `crash-${kind.toLowerCase()}-${nth}@customers.example`;
      await stack.postLead({ email });
      await tell(email, "Checkout Started", cart(`crash-${kind}-${nth}`));
      await stack.host.setFaults([{ function: "*-journeys", kind, nth }]);
      await stack.host.advance("65m", "5m");
      await stack.host.advance("30m", "5m");
      const { applied } = await stack.host.faults();
      await stack.host.setFaults([]);
      const [run, ...others] = await runs("abandoned-cart", (await stack.contact(email))?.contact.id ?? "");
      expect([nth, others, run?.stepId]).toEqual([nth, [], "one-day"]);
      const skipped = (await stack.contact(email))?.events.filter(({ name }) => name === "Email Skipped");
      expect(skipped).toHaveLength(1);
      if (applied.length === 0) break;
      calls = nth;
    }
    expect(calls).toBeGreaterThanOrEqual(4);
    expect(calls).toBeLessThan(12);
  });
});
