import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { beforeEach, describe, expect, it } from "vitest";
import { consentHandlers } from "../../../shared/consent/consent-handlers.ts";
import { consentStage } from "../../../shared/consent/consent-stages.ts";
import { applyToConsent } from "../../../shared/consent/consent-store.ts";
import { consentViewSchema } from "../../../shared/consent/consent-view.ts";
import { foldEvent } from "../../../shared/contacts/contact-store.ts";
import { addressHash } from "../../../shared/contacts/email-address.ts";
import { createEvent } from "../../../shared/events/event.ts";
import { putEvent } from "../../../shared/events/event-store.ts";
import { createRouter } from "../../../shared/http/router.ts";
import { consentRoutes } from "../../../shared/http/routes/consent.ts";
import type { Table } from "../../../shared/table/client.ts";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";
import { itemsOf } from "../../support/table-contents.ts";

const at = "2026-03-01T12:00:00.000Z";
const now = () => new Date(at);
const email = "ada@example.com";
const topics = [{ id: "offers", name: "Offers" }];

let table: Table;
beforeEach(async () => {
  table = await createTestTable(engine.url);
  const person = createEvent({
    contactId: "c1",
    origin: ["person"],
    name: "Identified",
    occurredAt: at,
    receivedAt: at,
    source: "shop",
    properties: { email },
  });
  await putEvent(table, person);
  await foldEvent(table, person);
});

const asDelivered = (event: object): APIGatewayProxyEventV2 => JSON.parse(JSON.stringify(event));

/** What the staff API answers to a signed-in person, over the real router. */
async function call(method: "GET" | "PUT", body?: object, { id = "c1", roles = "[sales]" } = {}) {
  const faults: unknown[] = [];
  const router = createRouter({
    routes: consentRoutes,
    handlers: consentHandlers({ table, topics, now }),
    onFault: (error) => faults.push(error),
  });
  const claims = { sub: "s1", username: "sam", "cognito:groups": roles };
  const answer = await router(
    asDelivered({
      routeKey: `${method} /v1/contacts/{id}/consent`,
      rawPath: `/v1/contacts/${id}/consent`,
      headers: { "content-type": "application/json" },
      pathParameters: { id },
      body: body && JSON.stringify(body),
      isBase64Encoded: false,
      requestContext: { requestId: "r1", http: { sourceIp: "192.0.2.1" }, authorizer: { jwt: { claims } } },
    }),
  );
  expect(faults).toEqual([]);
  return { status: answer.statusCode, body: JSON.parse(answer.body ?? "null") };
}

/** What was recorded is heard of by the stage of consents. */
async function follow(): Promise<void> {
  const recorded = (await itemsOf(table, "event")).filter(({ name }) => name === "Consent Recorded");
  for (const item of recorded) await consentStage({ table, now }).run({ item, previous: undefined });
}

const withdrawn = (topics?: string[]) =>
  applyToConsent(
    table,
    {
      addressHash: addressHash(email),
      contactId: "c1",
      acts: [{ type: "withdraw", by: "person", at: "2026-02-01T00:00:00.000Z", ...(topics && { topics }) }],
    },
    now(),
  );
const said = { state: "subscribed", basis: "express", evidence: "Said so on the phone." };

describe("a colleague", () => {
  it("sees that nobody was asked", async () => {
    const { status, body } = await call("GET");
    expect([status, consentViewSchema.parse(body)]).toMatchObject([
      200,
      { email, state: "never", topics: [], acts: [] },
    ]);
    expect((await call("GET", undefined, { id: "nobody" })).status).toBe(404);
  });

  it("records a consent with its proof, which is answered as it then is", async () => {
    const put = await call("PUT", { ...said, topics: ["offers"] });
    await follow();
    const get = await call("GET");
    expect([put.status, put.body]).toEqual([202, get.body]);
    expect(get.body).toMatchObject({
      state: "subscribed",
      topics: [{ topic: "offers", state: "subscribed", basis: "express", source: "sam", subscribedAt: at }],
      acts: [{ type: "grant", by: "staff", text: "Said so on the phone.", source: "sam", topics: ["offers"] }],
    });
  });

  it("records an implied one, which ends", async () => {
    const until = "2026-04-01T00:00:00.000Z";
    expect((await call("PUT", { ...said, basis: "implied", until })).body.topics).toMatchObject([
      { until, basis: "implied" },
    ]);
  });

  it("never goes over a withdrawal: nothing is recorded", async () => {
    await withdrawn();
    const { status, body } = await call("PUT", said);
    expect([status, body.code, body.detail]).toEqual([409, "consent_withdrawn", expect.stringContaining("2026-02-01")]);
    expect((await itemsOf(table, "event")).map(({ name }) => name)).toEqual(["Identified"]);
  });

  it("never over that of a topic, but the others may be recorded", async () => {
    await withdrawn(["offers"]);
    expect((await call("PUT", { ...said, topics: ["offers"] })).status).toBe(409);
    const { status, body } = await call("PUT", said);
    expect([status, body.topics.map(({ topic, state }: Record<string, string>) => [topic, state])]).toEqual([
      202,
      [
        ["*", "subscribed"],
        ["offers", "unsubscribed"],
      ],
    ]);
  });

  it("records a withdrawal, whatever there was", async () => {
    const { status, body } = await call("PUT", { state: "unsubscribed", evidence: "By letter." });
    expect([status, body.state]).toEqual([202, "unsubscribed"]);
    await follow();
    expect((await call("PUT", said)).status).toBe(409);
  });

  it.each([
    ["without a basis", { state: "subscribed", evidence: "x" }, "/basis"],
    ["with a basis that is the person's alone", { ...said, basis: "confirmed" }, "/basis"],
    ["without proof", { state: "subscribed", basis: "express", evidence: " " }, "/evidence"],
    ["implied without an end", { ...said, basis: "implied" }, "/until"],
    ["express with an end", { ...said, until: at }, "/until"],
    ["of a topic that the account has not", { ...said, topics: ["sales"] }, "/topics"],
  ])("is told what is wrong with one %s", async (_, body, pointer) => {
    const answer = await call("PUT", body);
    expect([answer.status, answer.body.errors?.[0]?.pointer]).toEqual([422, pointer]);
  });

  it("of a partner's role sees and records nothing", async () => {
    expect((await call("GET", undefined, { roles: "[partner]" })).status).toBe(403);
    expect((await call("PUT", said, { roles: "[partner]" })).status).toBe(403);
  });
});
