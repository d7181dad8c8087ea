import { beforeEach, describe, expect, test } from "vitest";
import { broadcastHandlers } from "../../../shared/broadcasts/broadcast-handlers.ts";
import { templateHandlers } from "../../../shared/email/templates/template-handlers.ts";
import { createTemplateSource } from "../../../shared/email/templates/template-store.ts";
import { DomainError } from "../../../shared/errors.ts";
import type { Handlers } from "../../../shared/http/router.ts";
import type { broadcastRoutes } from "../../../shared/http/routes/broadcasts.ts";
import { newRebuild } from "../../../shared/segments/rebuild.ts";
import { putSegment } from "../../../shared/segments/segment-store.ts";
import type { Table } from "../../../shared/table/client.ts";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";
import { itemsOf } from "../../support/table-contents.ts";
import { rule } from "../segments/facts.ts";
import { start } from "./broadcasts.ts";

let table: Table;
let handlers: Handlers<typeof broadcastRoutes>;
let templates: ReturnType<typeof templateHandlers>;
const now = () => start;
const caller = { subject: "s1", username: "mia", roles: ["marketer"], scopes: [] };

beforeEach(async () => {
  table = await createTestTable(engine.url);
  let ids = 0;
  handlers = broadcastHandlers({
    table,
    templateOf: createTemplateSource(table, now),
    consentPolicy: "subscribed",
    now,
    newId: () => `b${++ids}`,
  });
  const house = { publicName: "Rapport", postalAddress: "Main St 1" };
  const staff = [{ name: "Mia", email: "mia@example.com" }];
  templates = templateHandlers({ table, house, staff, topics: [], now });
  for (const [id, stream] of [
    ["offer", "marketing"],
    ["receipt", "transactional"],
  ] as const) {
    const body = { name: id, stream, subject: "Offer", html: "<p>{{ data.code }}</p>" };
    await templates.putTemplate({
      ...request,
      params: { id },
      body: { ...body, priority: "broadcast", preheader: "", why: "You asked." },
    });
  }
});

const request = {
  query: undefined,
  headers: {},
  rawBody: Buffer.from(""),
  sourceIp: "10.0.0.1",
  correlationId: "r1",
  caller,
};
const variants = [{ id: "a", templateId: "offer", percent: 100 }];
const spring = { name: "Spring", segmentId: "all", variants, holdoutPercent: 0, data: { code: "S1" } };

async function define(shardsDone: boolean, more: { archivedAt?: string } = {}): Promise<void> {
  const rebuild = newRebuild(1);
  for (const shard of Object.values(rebuild.shards)) shard.done = shardsDone;
  const orders = rule({ type: "attribute", attribute: "orders", op: "gte", value: 0 });
  const segment = {
    id: "all",
    name: "All",
    rule: orders,
    version: 1,
    updatedAt: start.toISOString(),
    updatedBy: "t",
    rebuild,
    ...more,
  };
  await putSegment(table, segment, undefined);
}

const create = (body: object = {}, headers = {}) =>
  handlers.createBroadcast({ ...request, params: undefined, headers, body: { ...spring, ...body } });

async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof DomainError)) throw new Error("it was not refused", { cause: error });
  return `${error.code} ${error.errors[0]?.pointer ?? ""} ${error.message}`;
}

describe("a broadcast is refused", () => {
  test.each([
    [
      "a template that is not there",
      { variants: [{ ...variants[0], templateId: "gone" }] },
      "/variants/0/templateId",
      "no template gone",
    ],
    [
      "a transactional template",
      { variants: [{ ...variants[0], templateId: "receipt" }] },
      "/variants/0/templateId",
      "not a marketing",
    ],
    [
      "a template that asks for consent",
      { variants: [{ ...variants[0], templateId: "confirm-subscription" }] },
      "/variants",
      "not a marketing",
    ],
  ])("with %s", async (_, more, pointer, message) => {
    const said = await refusal(create(more));
    expect(said).toContain(pointer);
    expect(said).toContain(message);
    expect(await itemsOf(table, "broadcast")).toEqual([]);
  });

  test("by a segment that is not there, or whose members are still being found", async () => {
    await create();
    const send = () => handlers.sendBroadcast({ ...request, params: { id: "b1" }, body: undefined });
    expect(await refusal(send())).toContain("there is no segment all");
    await define(false);
    expect(await refusal(send())).toContain("0 of 4 parts done");
    expect(await itemsOf(table, "broadcast")).toMatchObject([{ state: "draft", version: 1 }]);
  });

  test("by a segment that is archived", async () => {
    await create();
    await define(true, { archivedAt: start.toISOString() });
    const send = handlers.sendBroadcast({ ...request, params: { id: "b1" }, body: undefined });
    expect(await refusal(send)).toContain("the segment all is archived");
  });

  test("as a change of a stale version, and as a change of one on its way", async () => {
    await create();
    await define(true);
    const patch = (version: string) =>
      handlers.patchBroadcast({
        ...request,
        params: { id: "b1" },
        headers: { "if-match": version },
        body: { name: "Summer" },
      });
    expect(await refusal(patch('"7"'))).toContain("version_conflict");
    await handlers.sendBroadcast({ ...request, params: { id: "b1" }, body: undefined });
    expect(await refusal(patch('"2"'))).toContain("only a draft can be changed");
  });
});

test("the same key makes one broadcast, and refuses another under it", async () => {
  const headers = { "idempotency-key": "spring-broadcast-2026" };
  const [first, again] = [await create({}, headers), await create({}, headers)];
  expect(again.body).toEqual(first.body);
  expect(await refusal(create({ name: "Other" }, headers))).toContain("idempotency_key_reused");
  expect(await itemsOf(table, "broadcast")).toHaveLength(1);
});

test("a change keeps what it does not name, and null lifts the limit", async () => {
  await create({ mailsPerHour: 600 });
  const patch = (body: object) => handlers.patchBroadcast({ ...request, params: { id: "b1" }, body });
  expect((await patch({ name: "Summer" })).body).toMatchObject({
    name: "Summer",
    mailsPerHour: 600,
    data: { code: "S1" },
  });
  expect((await patch({ mailsPerHour: null })).body).toMatchObject({ mailsPerHour: null, version: 3 });
  expect(await refusal(patch({ holdoutPercent: 20 }))).toContain("add up to 100");
});

test("a test mail of each template goes to a colleague, as the broadcast would fill it in", async () => {
  await create();
  const test = (to: string) => templates.testBroadcast({ ...request, params: { id: "b1" }, body: { to } });
  expect((await test("MIA@example.com")).status).toBe(202);
  expect(await itemsOf(table, "due")).toMatchObject([
    { queue: "mail", body: { content: { subject: "[Test] Offer", html: expect.stringContaining("S1") } } },
  ]);
  expect(await refusal(test("stranger@example.com"))).toContain("/to");
});
