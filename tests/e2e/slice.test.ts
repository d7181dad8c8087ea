import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { linkIn } from "../../scripts/mail.ts";
import { orderEvent, startTestStack, type TestStack } from "../support/stack.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack.process.close());

const namesOf = (events: readonly { readonly name: string }[] = []) => events.map(({ name }) => name);

describe("a lead without the tick", () => {
  const email = "quiet@customers.example";

  it("becomes a contact, gets one acknowledgement and nothing else", async () => {
    const response = await stack.postLead({ email, firstName: "Zoë & <i>Co", lastName: "<b>Quiet", message: "Hello" });
    expect(response.status).toBe(202);
    await stack.host.drain();
    const found = await stack.contact(email);
    expect(found?.contact).toMatchObject({ email, orders: 0 });
    expect(namesOf(found?.events).sort()).toEqual(["Email Delivered", "Email Sent", "Form Submitted"]);
    const [mail, ...others] = await stack.mailsTo(email);
    expect(others).toEqual([]);
    expect(mail?.subject).toContain("has received your message");
    expect(`${mail?.html}${mail?.headers.get("to")}`).not.toMatch(/<i>Co|<b>Quiet/);
    expect(mail?.headers.has("list-unsubscribe")).toBe(false);
  });
});

it("puts names into mails as text", async () => {
  const email = "ampersand@customers.example";
  await stack.postLead({ email, firstName: "Ada & Bob" });
  await stack.host.drain();
  const [mail] = await stack.mailsTo(email);
  expect([mail?.html, mail?.text]).toEqual([
    expect.stringContaining("Hello Ada &amp; Bob,"),
    expect.stringContaining("Hello Ada & Bob,"),
  ]);
});

describe("a lead with the tick", () => {
  const email = "eager@customers.example";

  it("is asked once to confirm, however often it posts within a day", async () => {
    for (const message of ["first", "second", "third"]) await stack.postLead({ email, message, marketing: true });
    await stack.host.drain();
    const mails = await stack.mailsTo(email);
    expect(mails.map(({ subject }) => subject)).toEqual([expect.stringContaining("confirm your subscription")]);
    expect((await stack.contacts()).filter((contact) => contact.email === email)).toHaveLength(1);
  });

  it("is not subscribed by whoever only follows the link", async () => {
    const [mail] = await stack.mailsTo(email);
    const page = await fetch(mail === undefined ? "" : (linkIn(mail, "c") ?? ""));
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining("<button")]);
    await stack.host.drain();
    expect(await stack.mailsTo(email)).toHaveLength(1);
  });

  it("is welcomed once when it confirms, however often it presses the button", async () => {
    const [mail] = await stack.mailsTo(email);
    for (const _ of [1, 2, 3]) expect(await stack.press(mail, "c")).toBe(200);
    await stack.host.drain();
    const mails = await stack.mailsTo(email);
    expect(mails.map(({ subject }) => subject)).toEqual([
      expect.stringContaining("confirm"),
      expect.stringContaining("Welcome"),
    ]);
    const welcome = mails[1];
    expect(welcome?.headers.get("list-unsubscribe-post")).toBe("List-Unsubscribe=One-Click");
    expect(welcome?.headers.get("list-unsubscribe")).toMatch(/^<https?:\/\/[^>]+\/u\/[^>]+>$/);
    expect(welcome?.text).toContain("Harbour Street");
    expect(welcome?.html).toContain("Harbour Street");
    expect(namesOf((await stack.contact(email))?.events)).toContain("Subscribed");
  });

  it("shows opens and clicks on its timeline", async () => {
    const welcome = (await stack.mailsTo(email))[1];
    await stack.host.mailEvent(welcome?.id ?? "", "open");
    await stack.host.mailEvent(welcome?.id ?? "", "click", { link: "https://shop.example/" });
    await stack.host.drain();
    expect(namesOf((await stack.contact(email))?.events)).toEqual(
      expect.arrayContaining(["Email Opened", "Email Link Clicked"]),
    );
  });

  it("is left in peace after one click on unsubscribe, and may come back", async () => {
    const welcome = (await stack.mailsTo(email))[1];
    const url = welcome?.headers.get("list-unsubscribe")?.slice(1, -1) ?? "";
    const shown = await fetch(url);
    expect([shown.status, await shown.text()]).toEqual([200, expect.stringContaining("<button")]);
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "List-Unsubscribe=One-Click",
    });
    expect(response.status).toBe(200);
    await stack.host.drain();
    expect(namesOf((await stack.contact(email))?.events)).toContain("Unsubscribed");
    await stack.host.advance("25h", "1h");
    await stack.postLead({ email, message: "back again", marketing: true });
    await stack.host.drain();
    const mails = await stack.mailsTo(email);
    expect(mails.map(({ subject }) => subject).at(-1)).toContain("confirm your subscription");
    expect(await stack.press(mails.at(-1), "c")).toBe(200);
    await stack.host.drain();
    // the welcome is for ever once
    expect((await stack.mailsTo(email)).filter(({ subject }) => subject.includes("Welcome"))).toHaveLength(1);
  });
});

describe("an address that bounces or complains", () => {
  it.each([
    ["bounce@simulator.amazonses.com", "Email Bounced"],
    ["complaint@simulator.amazonses.com", "Email Marked as Spam"],
  ])("%s gets no more mail of any kind", async (email, event) => {
    await stack.postLead({ email, message: "one" });
    await stack.host.drain();
    expect(namesOf((await stack.contact(email))?.events)).toContain(event);
    await stack.host.advance("25h", "1h");
    await stack.postLead({ email, message: "two", marketing: true });
    await stack.host.drain();
    expect(await stack.mailsTo(email)).toHaveLength(1);
    const skipped = (await stack.contact(email))?.events.find(({ name }) => name === "Email Skipped");
    expect(skipped?.properties).toMatchObject({ reason: "suppressed" });
  });
});

describe("an order", () => {
  it("makes the lead a customer, once, however often it is told of", async () => {
    const email = "buyer@customers.example";
    await stack.postLead({ email });
    await stack.host.drain();
    const key = await stack.apiKey();
    const { now } = (await stack.host.state()).clock;
    for (const _ of [1, 2]) expect((await stack.track(key, orderEvent(email, "order-1", now))).status).toBe(202);
    expect((await stack.track(key, orderEvent(email, "order-1", now, { revenue: 1 }))).status).toBe(422);
    await stack.host.drain();
    const found = await stack.contact(email);
    expect(found?.contact).toMatchObject({ orders: 1, customerAt: now });
    expect(namesOf(found?.events).filter((name) => name === "Order Completed")).toHaveLength(1);
  });

  it("of someone unknown makes a contact without any mail", async () => {
    const email = "walk-in@customers.example";
    const key = await stack.apiKey();
    const { now } = (await stack.host.state()).clock;
    await stack.track(key, orderEvent(email, "order-2", now));
    await stack.host.drain();
    expect((await stack.contact(email))?.contact).toMatchObject({ email, orders: 1 });
    expect(await stack.mailsTo(email)).toEqual([]);
  });
});

describe("the managers' digest", () => {
  it("goes out once a day at 08:00 local, with a table, targets, status and pictures", async () => {
    const digests = async () =>
      (await stack.mailsTo("manager@example.com")).filter(({ subject }) => subject.startsWith("KPIs of"));
    const before = (await digests()).length;
    await stack.host.advance("24h", "30m");
    const mails = await digests();
    expect(mails.length - before).toBe(1);
    const digest = mails.at(-1);
    expect(digest?.subject).toMatch(/^KPIs of \d{4}-\d{2}-\d{2}: /);
    expect(digest?.html).toContain("New leads");
    expect(digest?.html).toContain("Morgan Manager");
    expect(digest?.html).toMatch(/(✔|●|▲|✖|○) (achieved|on track|at risk|missed|not enough data)/);
    expect(digest?.text).toContain("What changed yesterday");
    expect(digest?.attachments.map(({ mimeType }) => mimeType)).toEqual(["image/png", "image/png", "image/png"]);
    for (const { contentId } of digest?.attachments ?? []) {
      expect(digest?.html).toContain(`cid:${contentId?.replace(/[<>]/g, "")}`);
    }
    expect(digest?.html).toMatch(/<img[^>]+alt="New leads per day/);
  });

  it("is made for others, shown, sent on demand once for each key, and stopped by one click", async () => {
    const path = "/v1/digests/toms";
    const body = {
      recipient: { name: "Tom", email: "tom@example.com" },
      kpis: ["new-leads"],
      weekdays: ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
      hour: 9,
      timeZone: "Europe/Berlin",
    };
    expect((await stack.staff("manager", "PUT", path, { body })).status).toBe(201);
    expect((await stack.staff("sales", "GET", path)).status).toBe(403);
    const { items } = await (await stack.staff("manager", "GET", "/v1/digests")).json();
    expect(items).toMatchObject([{ id: expect.stringMatching(/^owner-/), configured: true }, { id: "toms" }]);
    const preview = await stack.staff("manager", "GET", `${path}/preview`);
    expect([preview.headers.get("content-type"), await preview.text()]).toEqual([
      "text/html; charset=utf-8",
      expect.stringMatching(/<img src="data:image\/png;base64,iVBOR[^"]{1000,}" width="560"/),
    ]);
    const headers = { "idempotency-key": "slice-digest-0123456789" };
    for (const _ of [1, 2])
      expect((await stack.staff("manager", "POST", `${path}/send`, { headers })).status).toBe(202);
    await stack.host.advance("2m", "1m");
    const [mail, ...more] = await stack.mailsTo("tom@example.com");
    expect([mail?.subject, more]).toEqual([expect.stringMatching(/^KPIs of .*: /), []]);
    expect(mail?.headers.get("list-unsubscribe-post")).toBe("List-Unsubscribe=One-Click");
    const link = mail?.headers.get("list-unsubscribe")?.slice(1, -1) ?? "";
    expect(await (await fetch(link)).text()).toContain("<button>Stop this digest</button>");
    const press = { method: "POST", body: new URLSearchParams({ "List-Unsubscribe": "One-Click" }) };
    expect((await fetch(link, press)).status).toBe(200);
    await stack.host.drain();
    expect(await (await stack.staff("manager", "GET", path)).json()).toMatchObject({ stoppedAt: expect.any(String) });
  });

  it("says what the API says", async () => {
    const people = await stack.contacts();
    const response = await stack.staff("manager", "GET", "/v1/kpis?period=year");
    const { items } = await response.json();
    const kpiValue = (kpi: string) => items.find((item: { kpi: string }) => item.kpi === kpi)?.value;
    expect(kpiValue("new-leads")).toBe(people.filter(({ lead }) => lead !== null).length);
    expect(kpiValue("new-customers")).toBe(people.filter(({ customerAt }) => customerAt !== null).length);
  });
});

it("leaves nothing in a dead-letter queue and was denied nothing", async () => {
  // Of two messages of one mail at once, one is put back and comes again by its queue's time-out.
  await stack.host.advance("10m", "5m");
  const { queues } = await stack.host.state();
  expect(queues.filter(({ visible, inFlight }) => visible + inFlight > 0)).toEqual([]);
  expect(await stack.host.get("/denied")).toEqual([]);
});

it("leaves no address, name, text or token of anybody in a log", async () => {
  const logs = z.array(z.unknown()).parse(await stack.host.get("/logs?limit=5000"));
  const lines = logs.map((line) => JSON.stringify(line));
  expect(lines.filter((line) => line.includes("delivered"))).not.toEqual([]);
  const personal = [
    /[\w.+-]+@(customers\.example|simulator\.amazonses\.com|example\.com)/i,
    /Zoë|Quiet|Ada & Bob|Morgan/,
    /back again/,
    /\bv1\.[\w-]+\.[\w-]{43}/,
    /\brk_[\w-]{40}/,
    /\beyJ[\w-]+\.[\w-]+\./,
  ];
  expect(lines.filter((line) => personal.some((pattern) => pattern.test(line)))).toEqual([]);
});
