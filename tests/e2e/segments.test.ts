import { afterAll, beforeAll, describe, expect, it } from "vitest";
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
