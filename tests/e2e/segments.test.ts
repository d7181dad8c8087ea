import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readMails } from "../../scripts/mail.ts";
import { orderEvent, startTestStack, type TestStack, withSegments } from "../support/stack.ts";

let stack: TestStack;
let key: string;
beforeAll(async () => {
  stack = await startTestStack({ after: withSegments });
  key = await stack.apiKey();
  await put("repeat-buyers", { name: "Repeat buyers", rule: orderedTwiceIn(14) });
  await put("idle", { name: "Idle", rule: { type: "elapsed", since: "lastOrder", atLeastDays: 14 } });
  // The rebuilds of the ready-made segments and of these two begin after a minute.
  await stack.host.advance("3m", "1m");
});
afterAll(() => stack.process.close());

const orderedTwiceIn = (withinDays: number) => ({
  type: "event",
  name: "Order Completed",
  measure: "count",
  op: "gte",
  value: 2,
  withinDays,
});

async function put(id: string, body: unknown, version?: number): Promise<Response> {
  const headers = version === undefined ? {} : { "if-match": `"${version}"` };
  return stack.staff("marketer", "PUT", `/v1/segments/${id}`, { body, headers });
}

async function json(path: string) {
  return (await stack.staff("sales", "GET", path)).json();
}

async function membersOf(id: string): Promise<readonly string[]> {
  const { items }: { items: { email: string }[] } = await json(`/v1/segments/${id}/members?limit=100`);
  return items.map(({ email }) => email).sort();
}

async function buy(email: string, orderId: string): Promise<void> {
  const { now } = (await stack.host.state()).clock;
  const response = await stack.track(key, orderEvent(email, orderId, now, { revenue: 60 }));
  expect(response.status).toBe(202);
}

/** What a contact's timeline says of a segment. */
async function told(email: string, segmentId: string): Promise<readonly string[]> {
  const found = await stack.contact(email);
  const events = found?.events.filter(({ properties }) => properties.segmentId === segmentId) ?? [];
  return events.map(({ name, properties }) => (properties.rebuild === true ? `${name} by rebuild` : name));
}

describe("a segment of who ordered twice within 14 days", () => {
  it("is entered on the second order and left by time alone, each told once, whatever the stream does", async () => {
    await stack.host.setStreams({ duplicate: true, shuffle: true, seed: 11 });
    const people = ["one@customers.example", "two@customers.example", "three@customers.example"];
    for (const email of people) await buy(email, `${email}-1`);
    await stack.host.drain();
    expect(await membersOf("repeat-buyers")).toEqual([]);
    for (const email of people.slice(1)) await buy(email, `${email}-2`);
    await buy("three@customers.example", "three-3");
    await stack.host.drain();
    expect(await membersOf("repeat-buyers")).toEqual(["three@customers.example", "two@customers.example"]);
    expect(await membersOf("mid-value")).toEqual(["three@customers.example", "two@customers.example"]);

    await stack.host.advance("330h", "110h");
    expect(await membersOf("repeat-buyers")).toHaveLength(2);
    await stack.host.advance("24h", "12h");
    expect(await membersOf("repeat-buyers")).toEqual([]);
    expect(await membersOf("idle")).toEqual([...people].sort());
    await stack.host.setStreams({ duplicate: false, shuffle: false });
    await stack.host.replayStreams();
    await stack.host.drain();
    expect(await told("one@customers.example", "repeat-buyers")).toEqual([]);
    for (const email of people.slice(1)) {
      expect(await told(email, "repeat-buyers")).toEqual(["Segment Entered", "Segment Exited"]);
      expect(await told(email, "idle")).toEqual(["Segment Entered"]);
    }
    const { contact } = (await stack.contact("two@customers.example")) ?? {};
    const { items } = await json(`/v1/contacts/${contact?.id}/segments`);
    expect(items).toContainEqual(expect.objectContaining({ segmentId: "repeat-buyers", state: "out" }));
  });
});

/** Publishing a journey says how many are in its segment, and starts it for those alone who enter afterwards, unless asked to. */
async function startsForAllOnDemand(journey: object): Promise<void> {
  const { contact } = (await stack.contact("two@customers.example")) ?? {};
  const begun = async () => (await json(`/v1/journeys/thanks/runs/${contact?.id}`)).items.length;
  const publish = async (query = "") =>
    (await stack.staff("marketer", "POST", `/v1/journeys/thanks/publish${query}`)).json();
  const inside = { count: 2, exact: true };
  expect(await json("/v1/journeys/thanks")).toMatchObject({ state: "draft", inside });
  expect(await publish()).toMatchObject({ state: "published", inside });
  await stack.host.advance("3m", "1m");
  expect(await begun()).toBe(0);
  const headers = { "if-match": `"${(await json("/v1/journeys/thanks")).revision}"` };
  await stack.staff("marketer", "PUT", "/v1/journeys/thanks", { body: journey, headers });
  expect(await publish("?include=all")).toMatchObject({ publishedVersion: 2, inside });
  await stack.host.advance("3m", "1m");
  expect(await begun()).toBe(1);
}

describe("a definition", () => {
  it("that changes finds its members again in the background, and tells how far it is", async () => {
    const before = await json("/v1/segments/repeat-buyers");
    const changed = { name: "Repeat buyers", rule: orderedTwiceIn(400) };
    expect((await put("repeat-buyers", changed, before.version + 1)).status).toBe(409);
    const answer = await put("repeat-buyers", changed, before.version);
    expect(await answer.json()).toMatchObject({
      version: 2,
      words: '"Order Completed" at least 2 times in the last 400 days',
      rebuild: { version: 2, done: false, evaluated: 0 },
    });
    await stack.host.advance("3m", "1m");
    expect(await json("/v1/segments/repeat-buyers")).toMatchObject({
      rebuild: { version: 2, done: true, shardsDone: 4, evaluated: 3, members: 2 },
      members: { count: 2, exact: true },
    });
    expect(await told("two@customers.example", "repeat-buyers")).toEqual([
      "Segment Entered",
      "Segment Exited",
      "Segment Entered by rebuild",
    ]);
  });

  it("can be tried before it is saved", async () => {
    const rule = { type: "all", rules: [orderedTwiceIn(400), { type: "segment", segmentId: "idle" }] };
    const answer = await stack.staff("sales", "POST", "/v1/segments/preview", { body: { rule } });
    const preview = await answer.json();
    expect(preview).toMatchObject({ count: 2, scanned: 3, complete: true });
    expect(preview.members).toHaveLength(2);
  });

  it("that would ask for itself is refused, and says on which way round", async () => {
    const asksFor = (segmentId: string) => ({ name: "Circle", rule: { type: "segment", segmentId } });
    expect((await put("first", asksFor("repeat-buyers"))).status).toBe(201);
    expect((await put("second", asksFor("first"))).status).toBe(201);
    const answer = await put("first", asksFor("second"), 1);
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({
      errors: [{ pointer: "/rule", message: expect.stringContaining("first → second → first") }],
    });
    const missing = await (await put("third", asksFor("nowhere"))).json();
    expect(missing.detail).toContain("there is no segment nowhere");
  });

  it("is archived when nobody asks for it any more: its members leave, no event tells it, and it can come back", async () => {
    const remove = (id: string) => stack.staff("marketer", "DELETE", `/v1/segments/${id}`);
    const refused = await remove("repeat-buyers");
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({
      code: "in_use",
      detail: expect.stringContaining("the segment first"),
    });
    for (const id of ["second", "first"]) expect((await remove(id)).status).toBe(202);
    const journey = {
      name: "Thanks",
      trigger: { event: "Segment Entered", conditions: [{ property: "segmentId", equals: "repeat-buyers" }] },
      start: "end",
      steps: [{ type: "end", id: "end" }],
    };
    expect((await stack.staff("marketer", "PUT", "/v1/journeys/thanks", { body: journey })).status).toBe(201);
    await startsForAllOnDemand(journey);
    expect(await (await remove("repeat-buyers")).json()).toMatchObject({
      errors: [{ message: "the journey thanks asks for the segment" }],
    });
    expect((await stack.staff("marketer", "POST", "/v1/journeys/thanks/archive")).status).toBe(200);

    const before = await told("two@customers.example", "repeat-buyers");
    expect(await (await remove("repeat-buyers")).json()).toMatchObject({ version: 3, rebuild: { done: false } });
    await stack.host.advance("3m", "1m");
    expect(await json("/v1/segments/repeat-buyers")).toMatchObject({
      archivedAt: expect.any(String),
      members: { count: 0 },
      rebuild: { done: true, evaluated: 2 },
    });
    expect(await told("two@customers.example", "repeat-buyers")).toEqual(before);
    const listed: { items: { id: string }[] } = await json("/v1/segments");
    expect(listed.items.map(({ id }) => id)).not.toContain("repeat-buyers");
    expect((await put("repeat-buyers", { name: "Repeat buyers", rule: orderedTwiceIn(400) })).status).toBe(201);
    await stack.host.advance("3m", "1m");
    expect(await membersOf("repeat-buyers")).toHaveLength(2);
  });

  it("is written by marketers and administrators only", async () => {
    const body = { name: "Mine", rule: orderedTwiceIn(9) };
    expect((await stack.staff("sales", "PUT", "/v1/segments/mine", { body })).status).toBe(403);
    expect((await stack.staff("sales", "GET", "/v1/segments/mine")).status).toBe(404);
    const broken = await put("mine", { name: "Mine", rule: { type: "any", rules: [{ type: "event", name: "X" }] } });
    expect(await broken.json()).toMatchObject({
      code: "invalid_input",
      errors: [{ pointer: "/rule/rules/0/measure", message: expect.stringContaining("count, sum, first") }],
    });
  });
});

describe("a broadcast to a segment", () => {
  const listed = Array.from({ length: 48 }, (_, at) => `listed-${at}@customers.example`);
  const abroad = ["Asia/Tokyo", "Europe/Berlin", "America/New_York"].map((timezone) => ({
    email: `${timezone.split("/")[1]?.toLowerCase()}@customers.example`,
    timezone,
  }));
  const unasked = ["unasked-1@customers.example", "unasked-2@customers.example"];

  async function post(path: string, body?: unknown) {
    const response = await stack.staff("marketer", "POST", `/v1/broadcasts${path}`, body === undefined ? {} : { body });
    return { status: response.status, ...(await response.json()) };
  }

  /** Moves to an hour of the day by UTC. */
  async function until(hour: number): Promise<void> {
    const now = new Date((await stack.host.state()).clock.now);
    const ahead = (hour * 60 - now.getUTCHours() * 60 - now.getUTCMinutes() + 1440) % 1440;
    if (ahead > 0) await stack.host.advance(`${ahead}m`, "1h");
  }

  /** The subjects of the offers that each person got. */
  async function offers(): Promise<ReadonlyMap<string, readonly string[]>> {
    const mails = (await readMails(stack.host)).filter(({ subject }) => subject.startsWith("Offer"));
    return new Map(
      Object.entries(Object.groupBy(mails, ({ to }) => to)).map(([to, got = []]) => [to, got.map((it) => it.subject)]),
    );
  }

  beforeAll(async () => {
    await stack.staff("admin", "POST", "/v1/journeys/welcome/archive");
    const form = {
      title: "List",
      fields: [{ name: "email", label: "E-mail", type: "email", required: true }],
      marketing: { text: "Yes, send me offers.", version: "1", doubleOptIn: false },
    };
    expect((await stack.staff("admin", "PUT", "/v1/forms/list", { body: form })).status).toBe(201);
    const people = [
      ...[...listed, ...unasked].map((email) => ({ email, list: "spring" })),
      ...abroad.map((it) => ({ ...it, list: "abroad" })),
    ];
    const batch = people.map((traits, at) => ({ type: "identify", messageId: `broadcast-${at}`, traits }));
    const known = await fetch(`${stack.publicUrl}/v1/batch`, {
      method: "POST",
      headers: {
        authorization: `Basic ${Buffer.from(`${key}:`).toString("base64")}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({ batch }),
    });
    expect(known.ok).toBe(true);
    await stack.host.drain();
    for (const email of [...listed, ...abroad.map((it) => it.email)]) {
      await stack.postLead({ email, marketing: true }, { form: "list" });
    }
    for (const list of ["spring", "abroad"]) {
      await put(list, { name: list, rule: { type: "attribute", attribute: "traits.list", op: "eq", value: list } });
    }
    for (const id of ["offer-a", "offer-b"]) {
      const body = { name: id, stream: "marketing", subject: `Offer ${id}`, html: "<p>{{ data.code }}</p>" };
      expect((await stack.staff("admin", "PUT", `/v1/templates/${id}`, { body })).status).toBe(201);
    }
    await stack.host.advance("3m", "1m");
    await until(15);
  });

  const variants = ["a", "b"].map((id) => ({ id, templateId: `offer-${id}`, percent: 45 }));
  const spring = {
    name: "Spring",
    segmentId: "spring",
    variants,
    holdoutPercent: 10,
    mailsPerHour: 720,
    data: { code: "S1" },
  };

  it("says before it is sent whom it would reach, and is refused with each mistake named", async () => {
    const wrong = { ...spring, variants: [{ id: "a", templateId: "nowhere", percent: 90 }] };
    expect(await post("", wrong)).toMatchObject({
      status: 422,
      errors: [{ pointer: "/variants/0/templateId", message: expect.stringContaining("no template nowhere") }],
    });
    expect((await stack.staff("sales", "POST", "/v1/broadcasts", { body: spring })).status).toBe(403);
    const { id } = await post("", { ...spring, segmentId: "nobody" });
    expect(await post(`/${id}/send`)).toMatchObject({ status: 422, errors: [{ pointer: "/segmentId" }] });
    const headers = { "if-match": '"1"' };
    const patched = { body: { segmentId: "spring" }, headers };
    expect((await stack.staff("marketer", "PATCH", `/v1/broadcasts/${id}`, patched)).status).toBe(200);
    expect((await stack.staff("marketer", "PATCH", `/v1/broadcasts/${id}`, patched)).status).toBe(409);
    expect(await json(`/v1/broadcasts/${id}/estimate`)).toEqual({
      members: { count: 50, exact: true },
      sample: { size: 50, reachable: 48, skipped: { "no consent": 2 } },
    });
    expect(await post(`/${id}/test-sends`, { to: "manager@example.com" })).toMatchObject({ status: "accepted" });
    await stack.host.advance("1m");
    expect((await stack.mailsTo("manager@example.com")).map(({ subject }) => subject)).toEqual(
      expect.arrayContaining(["[Test] Offer offer-a", "[Test] Offer offer-b"]),
    );
    expect(await post(`/${id}/cancel`)).toMatchObject({ state: "cancelled" });
  });

  it("reaches each once in the variant drawn, stands still while paused, and says what became of every mail", async () => {
    const idempotent = { body: spring, headers: { "idempotency-key": "spring-broadcast-2026" } };
    const made = await stack.staff("marketer", "POST", "/v1/broadcasts", idempotent);
    const { id } = await made.json();
    expect((await (await stack.staff("marketer", "POST", "/v1/broadcasts", idempotent)).json()).id).toBe(id);
    await stack.host.setStreams({ duplicate: true, shuffle: true, seed: 5 });
    expect(await post(`/${id}/send`)).toMatchObject({ status: 200, state: "sending" });
    await stack.host.advance("1m");
    expect(await post(`/${id}/pause`)).toMatchObject({ state: "paused" });
    await stack.host.drain();
    const before = (await offers()).size;
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(40);
    await stack.host.advance("30m", "5m");
    expect((await offers()).size).toBe(before);
    expect(await post(`/${id}/resume`)).toMatchObject({ state: "sending" });
    await stack.host.advance("10m", "1m");
    await stack.host.advance("50m", "5m");
    await stack.host.setStreams({ duplicate: false, shuffle: false });

    const { state, progress } = await json(`/v1/broadcasts/${id}`);
    expect([state, progress]).toEqual([
      "sent",
      expect.objectContaining({ members: 50, waiting: 0, failed: 0, skipped: { "no consent": expect.any(Number) } }),
    ]);
    const offered = await offers();
    const got = listed.map((email) => offered.get(email) ?? []);
    expect(got.filter((subjects) => subjects.length > 1)).toEqual([]);
    const reached = got.flat();
    expect(reached).toHaveLength(progress.sent);
    for (const variant of ["a", "b"]) {
      const mails = reached.filter((subject) => subject === `Offer offer-${variant}`);
      expect(mails).toHaveLength(progress.variants[variant].sent);
      expect(mails.length).toBeGreaterThan(5);
    }
    expect(progress.sent + progress.skipped["no consent"] + progress.heldOut).toBe(50);
    const held: string[] = [];
    for (const email of [...unasked, ...listed.filter((_, at) => got[at]?.length === 0)]) {
      const names = (await stack.contact(email))?.events.map(({ name }) => name) ?? [];
      held.push(...names.filter((name) => name === "Email Held Out"));
    }
    expect(held).toHaveLength(progress.heldOut);
  });

  it("comes to each at ten o'clock by their own clock, and to nobody once it is cancelled", async () => {
    await until(0);
    const date = (await stack.host.state()).clock.now.slice(0, 10);
    const { id } = await post("", {
      name: "Abroad",
      segmentId: "abroad",
      variants: [{ ...variants[0], percent: 100 }],
      data: { code: "S2" },
    });
    expect(await post(`/${id}/schedule`, { date, time: "10:00" })).toMatchObject({ local: { date, late: "nextDay" } });
    await stack.host.advance("10h", "10m");
    for (const { email, timezone } of abroad) {
      const sent = (await stack.contact(email))?.events.filter(({ name }) => name === "Email Sent").at(-1);
      const isOffer = String(sent?.properties.template).startsWith("offer-a");
      if (timezone === "America/New_York") {
        expect(isOffer).toBe(false);
        continue;
      }
      const clock = new Intl.DateTimeFormat("sv", { timeZone: timezone, dateStyle: "short", timeStyle: "short" });
      const minutes = `${date} 10:0`; // The clock comes by every ten minutes.
      expect([isOffer, clock.format(new Date(sent?.occurredAt ?? 0)).slice(0, -1)]).toEqual([true, minutes]);
    }
    expect(await post(`/${id}/cancel`)).toMatchObject({ state: "cancelled" });
    await stack.host.advance("6h", "1h");
    const { progress } = await json(`/v1/broadcasts/${id}`);
    expect(progress).toMatchObject({ queued: 3, sent: 2, waiting: 0, skipped: { cancelled: 1 } });
    const { items } = await json("/v1/broadcasts?limit=2");
    expect(items.map(({ name }: { name: string }) => name)).toEqual(["Abroad", "Spring"]);
  });
});

it("a lapsed customer gets the win-back, and leaves it by ordering", async () => {
  const email = "lapsed@customers.example";
  await stack.postLead({ email, marketing: true });
  await stack.host.drain();
  const [confirmation] = await stack.mailsTo(email);
  expect(await stack.press(confirmation, "c")).toBe(200);
  await stack.host.drain();
  await buy(email, "lapsed-1");
  await stack.host.drain();
  const winBack = async () => {
    const found = await stack.contact(email);
    const sent = found?.events.filter(({ name }) => name === "Email Sent") ?? [];
    return sent.map(({ properties }) => String(properties.messageKey)).filter((mail) => mail.startsWith("win-back."));
  };
  await stack.host.advance("672h", "168h");
  expect(await winBack()).toEqual([]);
  await stack.host.advance("96h", "12h");
  expect(await winBack()).toEqual(["win-back.once.0.first"]);
  await buy(email, "lapsed-2");
  await stack.host.advance("744h", "186h");
  expect(await winBack()).toHaveLength(1);
  const id = (await stack.contact(email))?.contact.id;
  const { items } = await json(`/v1/journeys/win-back/runs/${id}`);
  expect(items).toMatchObject([{ state: "ended", endedBy: "goal", stepId: "thirty-days" }]);
});
