import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { assemblyWith } from "../support/assembly.ts";
import { startShop } from "../support/fake-shop.ts";
import { orderEvent, startTestStack, type TestStack, withSegments } from "../support/stack.ts";
import { order } from "../unit/connectors/fixtures/woocommerce.ts";

interface Grant {
  readonly effect: string;
  readonly resources: readonly string[];
  readonly conditions: unknown;
  readonly actions: readonly { readonly action: string; readonly calls: number }[];
}

/** A bound for the recipients' domain, so that what only bounds need is used too. */
const bounded = assemblyWith(inject("assembly"), { MARKETING_PER_MINUTE: '{"customers.example":600}' });
let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ assembly: bounded.assembly, after: withSegments });
});
afterAll(async () => {
  await stack.process.close();
  bounded.remove();
});

/** Everything that a function does at any time, done once: what is granted beyond this is granted for nothing. */
async function doEverything(): Promise<void> {
  const key = await stack.apiKey();
  const { now } = (await stack.host.state()).clock;
  await stack.postLead({ email: "ack@customers.example" });
  await stack.postLead({ email: "bounce@simulator.amazonses.com" });
  await stack.postLead({ email: "reader@customers.example", marketing: true });
  const mug = { product_id: "mug", name: "Mug", price: 20, quantity: 1 };
  await stack.track(key, orderEvent("reader@customers.example", "g-1", now, { products: [mug] }));
  await stack.host.drain();
  const [confirmation] = await stack.mailsTo("reader@customers.example");
  await stack.press(confirmation, "c");
  await stack.host.drain();
  const welcome = (await stack.mailsTo("reader@customers.example")).at(-1);
  await stack.host.mailEvent(welcome?.id ?? "", "open");
  await stack.press(welcome, "u");
  for (const path of ["/f/contact", "/openapi.json", "/docs"])
    await fetch(`${stack.publicUrl}${path}`).then((page) => page.text());
  // an older submission that arrives late moves a milestone; a failing stage goes through the retry queue
  await stack.host.setFaults([
    { function: "*table-stream*", action: "dynamodb:PutItem", kind: "throttle", rate: 0.7, seed: 5 },
  ]);
  await stack.postLead({ email: "retried@customers.example" });
  await stack.host.drain();
  await stack.host.setFaults([{ service: "ses", kind: "throttle", times: 1 }]);
  await stack.postLead({ email: "deferred@customers.example" });
  await stack.host.drain();
  await stack.host.setFaults([]);
  await historyThatMoves(key);
  await connectedShop();
  await browsingThatJoins(key);
  await stack.staff("admin", "GET", "/v1/contacts");
  await stack.contact("reader@customers.example");
  const form = await (await stack.staff("admin", "GET", "/v1/forms/contact")).json();
  const { id: _, version, ...definition } = form;
  await stack.staff("admin", "PUT", "/v1/forms/contact", { body: definition, headers: { "if-match": `"${version}"` } });
  await mailThings();
  await stack.staff("admin", "GET", "/v1/kpis");
  await kpiThings(key);
  await surveys(key);
  await actions(key);
  await funnel();
  const everybody = { name: "Everybody", rule: { type: "attribute", attribute: "orders", op: "gte", value: 0 } };
  await stack.staff("marketer", "PUT", "/v1/segments/everybody", { body: everybody });
  const gone = { name: "Likely gone", rule: { type: "prediction", activeBelow: 0.5 } };
  expect((await stack.staff("marketer", "PUT", "/v1/segments/likely-gone", { body: gone })).status).toBe(201);
  await broadcasts();
  await tasks();
  // a cart of somebody not yet known, then known, that is left behind: its journey is woken an hour later
  const { context, ...about } = orderEvent("ack@customers.example", "g-cart", (await stack.host.state()).clock.now);
  const properties = { cart_id: "g-cart", currency: "EUR", products: [mug] };
  await stack.track(key, { ...about, messageId: "g-cart-viewed", event: "Cart Viewed", properties });
  await stack.host.drain();
  await stack.track(key, { ...about, context, event: "Checkout Started", properties });
  await stack.host.drain();
  await stack.host.advance("25h", "1h");
  await stack.postLead({ email: "morning@customers.example" });
  await stack.host.drain();
  await digests();
  await review();
  await predictions();
  await erasing();
  await rights();
  await alarms(key);
}

/** A survey that is changed, mailed and answered by an open link. */
async function surveys(key: string): Promise<void> {
  const survey = { kind: "csat", title: { en: "Visit" }, question: { en: "How was it?" } };
  await stack.staff("marketer", "PUT", "/v1/surveys/visit", { body: survey });
  await stack.staff("marketer", "GET", "/v1/surveys");
  const template = { name: "Visit", stream: "transactional", survey: "visit", subject: "Visit" };
  const html = "{{ survey.buttons | raw }}";
  await stack.staff("marketer", "PUT", "/v1/templates/visit", { body: { ...template, html } });
  const contactId = (await stack.contact("reader@customers.example"))?.contact.id;
  const body = { channel: "chat", contactId };
  const made = await stack.staff("support", "POST", "/v1/surveys/visit/invitations", { body });
  const { url } = await made.json();
  const page = await (await fetch(`${url}?score=4`)).text();
  const respondent = /name="respondent" value="([^"]+)"/.exec(page)?.[1] ?? "";
  const answered = await fetch(url, { method: "POST", body: new URLSearchParams({ score: "4", respondent }) });
  expect([answered.status, await answered.text()]).toEqual([200, expect.stringContaining('name="comment"')]);
  await stack.host.drain();
  const results = await (await stack.staff("sales", "GET", "/v1/surveys/visit/results")).json();
  expect(results).toMatchObject({ answered: 1, value: 1 });
  await stack.host.setFaults([{ function: "*table-stream", action: "dynamodb:PutItem", kind: "throttle", times: 40 }]);
  const said = await fetch(`${stack.publicUrl}/v1/feedback`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${key}`,
      "idempotency-key": "grants-feedback-0123456789",
      "content-type": "application/json",
    },
    body: JSON.stringify({ kind: "review", source: "google", text: "Good price", language: "en", contactId }),
  });
  expect(said.status).toBe(202);
  await stack.host.drain();
  await stack.host.setFaults([]);
  const { themes } = await (await stack.staff("sales", "GET", "/v1/themes")).json();
  await stack.staff("marketer", "PUT", "/v1/themes", { body: { themes } });
  const { items } = await (await stack.staff("sales", "GET", "/v1/feedback?theme=price")).json();
  expect(items).toMatchObject([{ text: "Good price", themes: ["price"] }]);
}

/** The UTC date so many days from now: wherever the account's clock stands, yesterday has begun and tomorrow is not over. */
async function dayFromNow(days: number): Promise<string> {
  return new Date(Date.parse((await stack.host.state()).clock.now) + days * 86_400_000).toISOString().slice(0, 10);
}

/** Something to do about a theme; its owner is reminded as the days go on. The month before is to be reviewed. */
async function actions(key: string): Promise<void> {
  const start = `${(await dayFromNow(-20)).slice(0, 4)}-01-01`;
  const origin = { kind: "theme", theme: "price", period: "year", start };
  const pat = { name: "Pat", email: "pat@example.com" };
  const body = { what: "Compare prices", owner: pat, dueOn: await dayFromNow(1), origin };
  const headers = { "idempotency-key": "grants-action-0123456789" };
  const made = await stack.staff("support", "POST", "/v1/actions", { body, headers });
  expect([made.status, made.headers.get("etag")]).toEqual([201, '"1"']);
  const { id, what, owner, dueOn } = await made.json();
  const change = { what, owner, dueOn, state: "open", notes: "Three shops." };
  const put = { body: change, headers: { "if-match": '"1"' } };
  expect((await stack.staff("support", "PUT", `/v1/actions/${id}`, put)).status).toBe(200);
  const { items } = await (await stack.staff("sales", "GET", `/v1/actions/${id}/history`)).json();
  expect(items).toMatchObject([{ version: 2 }, { version: 1 }]);
  expect((await (await stack.staff("sales", "GET", "/v1/actions")).json()).items).toMatchObject([{ id }]);
  await tellOf(id, key, start);
  const schedule = { reviews: [{ period: "month" }] };
  expect((await stack.staff("manager", "PUT", "/v1/review-schedule", { body: schedule })).status).toBe(200);
}

/** Somebody complained of the price, praised it, and nobody known did; who complained is told once, counted before. */
async function tellOf(id: string, key: string, start: string): Promise<void> {
  const said = { kind: "review", source: "google", text: "The price is terrible", language: "en" };
  for (const [email, text] of [
    ["ack@customers.example", said.text],
    ["history@customers.example", "A good price"],
    [undefined, said.text],
  ] as const) {
    const response = await fetch(`${stack.publicUrl}/v1/feedback`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${key}`,
        "idempotency-key": `grants-complaint-${String(email).replace(/\W/g, "-")}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({ ...said, email, text, occurredAt: start.replace("-01-01", "-01-10T12:00:00Z") }),
    });
    expect(response.status).toBe(202);
  }
  await stack.host.drain();
  const path = `/v1/actions/${id}/tell`;
  const body = { subject: "We have heard you", text: "Prices fall on Monday." };
  const counted = await stack.staff("manager", "POST", path, { body: { ...body, dryRun: true } });
  expect(await counted.json()).toMatchObject({ people: 1, anonymous: 1, suppressed: 0, unreachable: 0 });
  for (const _ of ["once", "again"]) expect((await stack.staff("manager", "POST", path, { body })).status).toBe(202);
  await stack.host.drain();
  expect(await (await stack.staff("sales", "GET", path)).json()).toMatchObject({
    state: "told",
    people: 1,
    anonymous: 1,
  });
  const told = (await stack.mailsTo("ack@customers.example")).filter(({ subject }) => subject === body.subject);
  expect(told).toHaveLength(1);
}

/** The review that has opened meanwhile gets a promise, which stages at the retry queue hear of too, and is closed. */
async function review(): Promise<void> {
  const { items } = await (await stack.staff("sales", "GET", "/v1/reviews")).json();
  expect(items[0]).toMatchObject({ period: "month", state: "open", version: 1 });
  const path = `/v1/reviews/${items[0].id}`;
  const told = (await stack.mailsTo("manager@example.com")).map(({ subject }) => subject);
  expect(told.filter((subject) => subject.startsWith("Review of "))).toHaveLength(items.length);
  await stack.host.setFaults([{ function: "*table-stream", action: "dynamodb:GetItem", kind: "throttle", times: 8 }]);
  const origin = { kind: "review", review: items[0].id };
  const owner = { name: "Pat", email: "pat@example.com" };
  const promise = { what: "Ship earlier", owner, dueOn: await dayFromNow(1), origin };
  const headers = { "idempotency-key": "grants-promise-0123456789" };
  expect((await stack.staff("sales", "POST", "/v1/actions", { body: promise, headers })).status).toBe(201);
  await stack.host.drain();
  await stack.host.setFaults([]);
  const found = await (await stack.staff("sales", "GET", path)).json();
  expect(found.actions).toMatchObject([{ what: "Ship earlier", state: "open" }]);
  expect(found.gathered.kpis.map(({ kpi }: { kpi: string }) => kpi)).toContain("orders");
  const ifMatch = (version: number) => ({ "if-match": `"${version}"` });
  const words = { learnt: "They wait.", decided: "Ship earlier." };
  expect((await stack.staff("manager", "PUT", path, { body: words, headers: ifMatch(1) })).status).toBe(200);
  const targets = [{ kpi: "csat", period: "month", target: 0.9, owner }];
  const closed = await stack.staff("manager", "POST", `${path}/close`, { body: { targets }, headers: ifMatch(2) });
  expect([closed.status, (await closed.json()).state]).toEqual([200, "closed"]);
  expect((await (await stack.staff("sales", "GET", "/v1/targets/csat/month")).json()).target).toBe(0.9);
}

/** A digest that is made, sent in its hour and on demand, shown, stopped by its recipient and ended. */
async function digests(): Promise<void> {
  const { now } = (await stack.host.state()).clock;
  // In a zone whose hours begin between two runs, so that what came in right before is still to be counted.
  const start = Math.ceil((Date.parse(now) + 120_000) / 3_600_000) * 3_600_000 + 1_800_000;
  const path = "/v1/digests/toms";
  const body = {
    recipient: { name: "Tom", email: "tom@customers.example" },
    weekdays: ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
    hour: new Date(start + 5.5 * 3_600_000).getUTCHours(),
    timeZone: "Asia/Kolkata",
  };
  expect((await stack.staff("manager", "PUT", path, { body })).status).toBe(201);
  await stack.host.advance(`${Math.ceil((start - Date.parse(now)) / 60_000)}m`, "10m");
  await stack.postLead({ email: "counted@customers.example" });
  await stack.host.drain();
  expect(await stack.host.invoke("rapport-dev-digest", {})).toMatchObject({ payload: { due: 1 } });
  await stack.staff("manager", "GET", `${path}/preview`);
  const headers = { "idempotency-key": "grants-digest-0123456789" };
  await stack.staff("manager", "POST", `${path}/send`, { headers });
  await stack.host.advance("2m", "1m");
  const [mail] = await stack.mailsTo("tom@customers.example");
  await fetch(mail?.headers.get("list-unsubscribe")?.slice(1, -1) ?? "", { method: "POST" });
  await stack.host.drain();
  const { items } = await (await stack.staff("manager", "GET", "/v1/digests")).json();
  expect(items).toContainEqual(expect.objectContaining({ id: "toms", stoppedAt: expect.any(String) }));
  expect((await stack.staff("manager", "DELETE", path)).status).toBe(204);
}

/** The models of the customers are fitted, and say what to expect of one. */
async function predictions(): Promise<void> {
  await stack.host.invoke("rapport-dev-customer-models", {});
  const found = await stack.contact("reader@customers.example");
  const contact = await (await stack.staff("admin", "GET", `/v1/contacts/${found?.contact.id}`)).json();
  expect(contact.prediction).toMatchObject({ source: "rfm", active: 0.9 });
}

/** Somebody with a consent and a run under way is erased. */
async function erasing(): Promise<void> {
  const found = await stack.contact("reader@customers.example");
  const { id, version } = found?.contact ?? { id: "", version: 0 };
  await stack.staff("admin", "GET", `/v1/contacts/${id}/export`);
  await stack.staff("admin", "DELETE", `/v1/contacts/${id}`, { headers: { "if-match": `"${version}"` } });
  await stack.host.drain();
  await stack.staff("admin", "GET", "/v1/erasures");
  await stack.staff("admin", "GET", "/v1/contacts/nobody/export");
}

/** A customer wants to know what is held, another to be forgotten, at last the shop itself. */
async function rights(): Promise<void> {
  const shop_domain = "grants.example";
  const email = "shopper@customers.example";
  await postShopify("customers/data_request", { shop_domain, customer: { email }, data_request: { id: 1 } });
  await postShopify("customers/redact", { shop_domain, customer: { email: "nobody@customers.example" } });
  await postShopify("shop/redact", { shop_domain });
  await stack.host.drain();
  const { items } = await (await stack.staff("admin", "GET", "/v1/privacy-requests")).json();
  const { id } = items.find(({ type }: { type: string }) => type === "access");
  await stack.staff("admin", "PATCH", `/v1/privacy-requests/${id}`, { body: { state: "done" } });
}

/** A broadcast that is changed, looked at, and goes out at a local hour; its first stage goes through the retry queue. */
async function broadcasts(): Promise<void> {
  await stack.host.advance("3m", "1m");
  const template = { name: "Offer", stream: "marketing", subject: "An offer", html: "<p>Hello</p>" };
  await stack.staff("admin", "PUT", "/v1/templates/offer", { body: template });
  const variants = [{ id: "a", templateId: "offer", percent: 50 }];
  const body = { name: "Offer", segmentId: "everybody", variants, holdoutPercent: 50 };
  const { id } = await (await stack.staff("marketer", "POST", "/v1/broadcasts", { body })).json();
  await stack.staff("marketer", "GET", "/v1/broadcasts");
  await stack.staff("marketer", "GET", `/v1/broadcasts/${id}/estimate`);
  await stack.staff("marketer", "POST", `/v1/broadcasts/${id}/test-sends`, { body: { to: "manager@example.com" } });
  await stack.host.setFaults([
    { function: "*table-stream", action: "sqs:SendMessageBatch", kind: "throttle", times: 1 },
  ]);
  const date = (await stack.host.state()).clock.now.slice(0, 10);
  const local = { date, time: "23:59" };
  await stack.staff("marketer", "POST", `/v1/broadcasts/${id}/schedule`, { body: local });
  await stack.host.drain();
  await stack.host.setFaults([]);
  await stack.staff("marketer", "GET", `/v1/broadcasts/${id}`);
}

/**
 * A task and a webhook for everybody who is in a segment already; some are made by the retry queue. The endpoint is busy
 * first, then refuses, then is gone.
 */
async function tasks(): Promise<void> {
  let calls = 0;
  const desk = createServer((_, response) => response.writeHead([503, 404][calls++] ?? 410).end());
  await new Promise<void>((resolve) => desk.listen(0, "127.0.0.1", resolve));
  const address = desk.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/hook`;
  for (const byte of [1, 2]) {
    const secret = `whsec_${Buffer.alloc(32, byte).toString("base64")}`;
    await stack.staff("admin", "PUT", "/v1/webhook-endpoints/desk", { body: { url, secret } });
  }
  await stack.staff("admin", "GET", "/v1/webhook-endpoints");
  const owner = "manager@example.com";
  const definition = {
    name: "Call",
    trigger: { event: "Segment Entered", conditions: [{ property: "segmentId", equals: "everybody" }] },
    start: "call",
    steps: [
      { type: "task", id: "call", title: "Call", owner, next: "desk" },
      { type: "webhook", id: "desk", endpointId: "desk", send: ["contact.email"], next: "end" },
      { type: "end", id: "end" },
    ],
  };
  await stack.staff("marketer", "PUT", "/v1/journeys/call", { body: definition });
  await stack.staff("marketer", "POST", "/v1/journeys/call/publish?include=all");
  // A call is tried four times: at this rate half of them get through, and half go to the retry queue.
  await stack.host.setFaults([
    { function: "*table-stream", action: "dynamodb:PutItem", kind: "throttle", rate: 0.84, seed: 7 },
  ]);
  await stack.host.advance("3m", "1m");
  await stack.host.setFaults([]);
  await stack.staff("marketer", "POST", "/v1/journeys/call/archive");
  desk.close();
  const { items } = await (await stack.staff("sales", "GET", `/v1/tasks?owner=${owner}`)).json();
  await stack.staff("sales", "PATCH", `/v1/tasks/${items[0]?.id}`, { body: { state: "done" } });
}

/** A shop that is connected, changes its secret, and sends what means something and what does not. */
async function connectedShop(): Promise<void> {
  for (const secret of ["first-secret", "second-secret"]) {
    await stack.staff("admin", "PUT", "/v1/sources/grants", { body: { connector: "shopify", secret } });
  }
  const shop = await startShop([{ ...order, id: 1 }]);
  const api = { address: shop.address, key: "ck_0123456789:cs_0123456789" };
  const connector = "woocommerce";
  await stack.staff("admin", "PUT", "/v1/sources/grants-api", { body: { connector, secret: "first-secret", api } });
  await stack.host.drain();
  await stack.staff("admin", "POST", "/v1/sources/grants-api/imports", { body: { from: "2026-01-01" } });
  await stack.host.drain();
  await stack.host.invoke("rapport-dev-reconciliation", {});
  await stack.host.drain();
  shop.close();
  const file = "/v1/sources/grants-file/imports/csv-1";
  const csv = "order_id,email,occurred_at,currency,total\n1,filed@customers.example,2026-01-05,EUR,5";
  await stack.staff("admin", "PUT", `${file}/parts/1`, { csv });
  await stack.staff("admin", "PATCH", file, { body: { state: "running" } });
  await stack.host.drain();
  await stack.staff("admin", "GET", "/v1/sources");
  for (const topic of ["customers/create", "products/update", "collections/update"]) {
    await postShopify(topic, { id: 1, email: "shopper@customers.example" });
  }
  await stack.host.drain();
}

async function postShopify(topic: string, told: object): Promise<void> {
  const body = JSON.stringify(told);
  await fetch(`${stack.publicUrl}/v1/webhooks/shopify/grants`, {
    method: "POST",
    headers: {
      "x-shopify-topic": topic,
      "x-shopify-webhook-id": topic,
      "x-shopify-hmac-sha256": createHmac("sha256", "second-secret").update(body).digest("base64"),
    },
    body,
  }).then((response) => response.arrayBuffer());
}

/** A deal and a cost, which is taken back; its stage goes through the retry queue once. */
async function kpiThings(key: string): Promise<void> {
  const { now } = (await stack.host.state()).clock;
  const deal = { ...orderEvent("history@customers.example", "g-deal", now), event: "Deal Won" };
  await stack.track(key, { ...deal, properties: { deal_id: "1", amount: 100, currency: "USD" } });
  // From before a KPI asks for it, on a day whose mark no writer of this hour holds.
  const earlier = new Date(Date.parse(now) - 40 * 86_400_000).toISOString();
  const attended = { ...orderEvent("history@customers.example", "g-webinar", earlier), event: "Webinar Attended" };
  await stack.track(key, { ...attended, properties: {} });
  await stack.host.drain();
  await stack.host.setFaults([{ function: "*table-stream", action: "dynamodb:PutItem", kind: "throttle", times: 40 }]);
  const day = now.slice(0, 10);
  const body = { kind: "ads", amount: { amount: 1000, currency: "USD" }, from: day, to: day };
  const headers = { "idempotency-key": "grants-cost-0123456789" };
  const made = await stack.staff("admin", "POST", "/v1/costs", { body, headers });
  expect(made.status).toBe(201);
  const rates = { rates: [{ date: day, currency: "GBP", rate: "1.25" }] };
  expect((await stack.staff("admin", "POST", "/v1/currency-rates", { body: rates })).status).toBe(200);
  await stack.host.drain();
  await stack.host.setFaults([]);
  expect((await stack.staff("sales", "GET", "/v1/currency-rates")).status).toBe(200);
  const { id } = await made.json();
  const cost = await stack.staff("admin", "DELETE", `/v1/costs/${id}`);
  await stack.host.drain();
  const answers = [cost, await stack.staff("admin", "GET", "/v1/costs")];
  const numerator = { facts: ["event:Webinar Attended"], aggregate: "count" };
  const own = { title: "Attendance", definition: "People at webinars.", format: "count", direction: "up", numerator };
  expect((await stack.staff("manager", "PUT", "/v1/kpis/attendance", { body: own })).status).toBe(201);
  // Its history is read and counted before the hourly roll-up would do the latter.
  await stack.host.advance("2m");
  await stack.host.drain();
  const target = { target: 1000, owner: { name: "Sam", email: "sam@example.com" } };
  const ofWeb = "/v1/targets/net-revenue/month?by=source&group=web";
  expect((await stack.staff("admin", "PUT", ofWeb, { body: target })).status).toBe(201);
  expect((await stack.staff("manager", "GET", "/v1/kpis/orders")).status).toBe(200);
  const basis = { activeDays: 60, grossMargin: 0.5 };
  expect((await stack.staff("manager", "PUT", "/v1/kpi-basis", { body: basis })).status).toBe(200);
  for (const path of ["series?period=rolling-28", "breakdown?by=source", "explain"])
    answers.push(await stack.staff("sales", "GET", `/v1/kpis/net-revenue/${path}`));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
}

/** A shop that ordered every day falls silent, which somebody is told of and acknowledges, and comes again. */
async function alarms(key: string): Promise<void> {
  const list = async (state: string) =>
    (await (await stack.staff("sales", "GET", `/v1/alarms?state=${state}`)).json()).items;
  // Once the alarm's own stage goes through the retry queue.
  await stack.host.setFaults([
    { function: "*table-stream", action: "sqs:SendMessageBatch", kind: "throttle", rate: 0.84, seed: 3 },
  ]);
  await stack.host.advance("73h", "6h");
  await stack.host.setFaults([]);
  await stack.host.drain();
  const [alarm] = await list("open");
  expect(alarm).toMatchObject({ type: "silence", kpi: "orders", state: "open", recipients: ["Morgan Manager"] });
  const told = (await stack.mailsTo("manager@example.com")).filter(({ subject }) => subject.startsWith("Alarm: "));
  expect(told.map(({ subject }) => subject)).toEqual([expect.stringContaining("Nothing has come from source")]);
  const answer = await stack.staff("sales", "POST", `/v1/alarms/${alarm.id}/acknowledge`, { body: { note: "Known." } });
  expect((await answer.json()).acknowledged).toMatchObject({ note: "Known." });
  const { now } = (await stack.host.state()).clock;
  await stack.track(key, orderEvent("again@customers.example", "g-again", now));
  await stack.host.drain();
  await stack.host.advance("25h", "6h");
  expect(await list("open")).toEqual([]);
  expect(await list("closed")).toEqual([expect.objectContaining({ id: alarm.id, state: "closed" })]);
  const reminders = await stack.mailsTo("pat@example.com");
  expect(reminders.map(({ subject }) => subject.replace(/^(Due today|Was due on .*): /, "")).sort()).toEqual([
    "Compare prices",
    "Ship earlier",
  ]);
  const kept = await (await stack.staff("sales", "GET", "/v1/kpis/follow-through/explain?period=year")).json();
  expect(kept).toMatchObject({ value: 0 });
  const { forecast } = await (await stack.staff("sales", "GET", "/v1/pipeline/forecast")).json();
  expect(forecast).toMatchObject({ open: 0, missing: expect.stringContaining("there are 1.") });
  const explained = await stack.staff("sales", "GET", "/v1/kpis/orders/contributions?period=day&by=source");
  expect([explained.status, (await explained.json()).change]).toEqual([200, 1]);
}

/** The funnel, and its rules, which are changed. */
async function funnel(): Promise<void> {
  await stack.host.invoke("rapport-dev-kpi-roll-up", {});
  const { items } = await (await stack.staff("sales", "GET", "/v1/funnel?period=year")).json();
  expect(items).toEqual([expect.objectContaining({ source: null })]);
  const { rules, version } = await (await stack.staff("sales", "GET", "/v1/stage-rules")).json();
  const headers = { "if-match": `"${version}"` };
  const put = await stack.staff("marketer", "PUT", "/v1/stage-rules", { body: { rules }, headers });
  expect([put.status, (await put.json()).version]).toEqual([200, version + 1]);
}

/** Templates, messages, the preference centre, suppressions and the sending guard. */
async function mailThings(): Promise<void> {
  const made = await stack.staff("admin", "POST", "/v1/api-keys", { body: { name: "mail", scopes: ["messages"] } });
  const { secret } = await made.json();
  const template = {
    name: "Note",
    stream: "transactional",
    subject: "A note",
    html: "<p>Hello{% if recommendations %} {{ recommendations[0].name }}{% endif %}</p>",
  };
  await stack.staff("admin", "PUT", "/v1/templates/note", { body: template });
  await stack.staff("admin", "GET", "/v1/templates");
  const [contact] = await stack.contacts();
  await stack.staff("admin", "POST", "/v1/templates/note/preview", { body: { contactId: contact?.id } });
  await stack.staff("admin", "POST", "/v1/journeys/welcome/simulate", { body: { contactId: contact?.id } });
  await stack.staff("admin", "POST", "/v1/templates/note/test-sends", { body: { to: "manager@example.com" } });
  const ask = (to: string) =>
    fetch(`${stack.publicUrl}/v1/messages`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${secret}`,
        "content-type": "application/json",
        "idempotency-key": `grants-message-${to}`,
      },
      body: JSON.stringify({ to, templateId: "note" }),
    });
  await ask("bounce@simulator.amazonses.com");
  await stack.host.drain();
  // The guard's own stage goes through the retry queue once.
  await stack.host.setFaults([{ function: "*table-stream", action: "dynamodb:Query", kind: "throttle" }]);
  await ask("bounce+again@simulator.amazonses.com");
  await stack.host.drain();
  await stack.host.setFaults([]);
  await stack.staff("admin", "DELETE", "/v1/suppressions/bounce@simulator.amazonses.com");
  await stack.staff("admin", "POST", "/v1/sending/resume");
}

/**
 * More orders than a profile remembers one by one, then older ones: the profile is folded anew from the whole partition
 * and the KPI entry of the first order moves; once at the first try and once by the retry queue.
 */
async function historyThatMoves(key: string): Promise<void> {
  const email = "history@customers.example";
  const now = Date.parse((await stack.host.state()).clock.now);
  const order = (daysAgo: number) =>
    stack.track(key, orderEvent(email, `history-${daysAgo}`, new Date(now - daysAgo * 86_400_000).toISOString()));
  for (let daysAgo = 1; daysAgo <= 34; daysAgo++) await order(daysAgo);
  await stack.host.drain();
  await order(50);
  await stack.host.drain();
  const failing = (action: string) => ({ function: "*table-stream", action, kind: "throttle" }) as const;
  await stack.host.setFaults([failing("dynamodb:Query"), failing("dynamodb:DeleteItem")]);
  await order(60);
  await stack.host.drain();
  for (const action of ["sqs:SendMessageBatch", "dynamodb:UpdateItem"]) {
    await stack.host.setFaults([failing(action)]);
    await stack.postLead({ email: `${action.replace(/\W/g, "-")}@customers.example` });
    await stack.host.drain();
  }
  await stack.host.setFaults([]);
}

/** A visitor who is known later, once at the first try and once by the retry queue. */
async function browsingThatJoins(key: string): Promise<void> {
  const failing = (action: string) =>
    ({ function: "*table-stream", action, kind: "throttle", rate: 0.7, seed: 3 }) as const;
  for (const faults of [[], ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem"].map(failing)]) {
    await stack.host.setFaults(faults);
    const anonymousId = `grants-anonymous-visitor-${faults.length}`;
    const viewed = { type: "track", event: "Product Viewed", anonymousId, properties: { product_id: "1" } };
    for (const at of [1, 2, 3, 4, 5, 6]) await stack.track(key, { ...viewed, messageId: `${anonymousId}-${at}` });
    await stack.host.drain();
    const context = { traits: { email: `${anonymousId}@customers.example` } };
    await stack.track(key, { ...viewed, messageId: `${anonymousId}-known`, context });
    const refund = { order_id: "history-1", refund_id: anonymousId, currency: "USD", total: 1 };
    await stack.track(key, {
      type: "track",
      event: "Order Refunded",
      messageId: `${anonymousId}-r`,
      properties: refund,
    });
    await stack.host.drain();
  }
  await stack.host.setFaults([]);
}

it("grants each function what it uses and nothing else", { timeout: 400_000 }, async () => {
  await doEverything();
  expect(await stack.host.get("/denied")).toEqual([]);
  const grants = (await stack.host.get("/grants")) as Record<string, readonly Grant[]>;
  const unused = Object.entries(grants).flatMap(([name, statements]) =>
    statements.flatMap(({ effect, resources, conditions, actions }) =>
      actions
        .filter(
          ({ calls, action }) =>
            effect === "Allow" && calls === 0 && /^(dynamodb|sqs|ses|secretsmanager):/.test(action),
        )
        .map(({ action }) => `${name}: ${action} on ${resources.join(", ")} ${JSON.stringify(conditions)}`),
    ),
  );
  expect(unused).toEqual([]);
});
