import { beforeEach, describe, expect, test } from "vitest";
import { DomainError } from "../../../shared/errors.ts";
import { formDefinitionSchema } from "../../../shared/forms/form.ts";
import { putForm } from "../../../shared/forms/form-store.ts";
import type { Handlers } from "../../../shared/http/router.ts";
import type { journeyRoutes } from "../../../shared/http/routes/journeys.ts";
import { journeyHandlers } from "../../../shared/journeys/journey-handlers.ts";
import { openJourneys } from "../../../shared/journeys/journey-store.ts";
import { referencesOf } from "../../../shared/journeys/references.ts";
import { newRebuild } from "../../../shared/segments/rebuild.ts";
import { putSegment } from "../../../shared/segments/segment-store.ts";
import type { Table } from "../../../shared/table/client.ts";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";
import { rules } from "../email/world.ts";
import { rule } from "../segments/facts.ts";
import { journeyOf, start } from "./journeys.ts";

const end = { type: "end", id: "end" } as const;
const segmentIs = (equals: string) => ({ property: "segmentId", equals });
const entered = (id: string) => ({ event: "Segment Entered", conditions: [segmentIs(id)] });

test("a definition's references are its templates and endpoints, and the ids that its conditions ask for", () => {
  const definition = journeyOf({
    trigger: entered("vip"),
    goal: { event: "Segment Exited", conditions: [{ property: "segmentId", oneOf: ["a", "b"] }] },
    exits: [
      { event: "Form Submitted", conditions: [{ property: "formId", notEquals: "stop" }] },
      { event: "Quiz Done", conditions: [segmentIs("a quiz's own"), { property: "formId", equals: "its own" }] },
    ],
    start: "mail",
    steps: [
      { type: "email", id: "mail", templateId: "hello", next: "desk" },
      { type: "webhook", id: "desk", endpointId: "desk", next: "look" },
      {
        type: "branch",
        id: "look",
        branches: [{ when: [{ property: "event.segmentId", equals: "vip" }], next: "end" }],
        otherwise: "wait",
      },
      {
        type: "waitForEvent",
        id: "wait",
        for: { event: "Survey Answered", conditions: [{ property: "survey", equals: "nps" }] },
        timeout: "P1D",
        next: "end",
        onTimeout: "end",
      },
      end,
    ],
  });
  expect(referencesOf(definition).map(({ kind, id, pointer }) => `${kind} ${id} ${pointer}`)).toEqual([
    "template hello /steps/0/templateId",
    "endpoint desk /steps/1/endpointId",
    "segment vip /trigger/conditions/0/equals",
    "segment a /goal/conditions/0/oneOf",
    "segment b /goal/conditions/0/oneOf",
    "form stop /exits/0/conditions/0/notEquals",
    "survey nps /steps/3/for/conditions/0/equals",
    "segment vip /steps/2/branches/0/when/0/equals",
  ]);
});

describe("a journey", () => {
  let table: Table;
  let handlers: Handlers<typeof journeyRoutes>;
  const base = { query: { include: "new" }, headers: {}, rawBody: Buffer.from(""), sourceIp: "", correlationId: "r" };
  const request = { ...base, caller: { subject: "mia", username: "mia", roles: [], scopes: [] } };

  beforeEach(async () => {
    table = await createTestTable(engine.url);
    const house = { publicName: "Cup & Co", postalAddress: "1 Harbour Street" };
    handlers = journeyHandlers({ table, timeZone: "UTC", house, rules, now: () => new Date(start) });
  });

  const put = (change: Parameters<typeof journeyOf>[0], revision?: number) => {
    const { id, version: _version, ...body } = journeyOf(change);
    const headers = revision === undefined ? {} : { "if-match": `"${revision}"` };
    return handlers.putJourney({ ...request, headers, params: { id }, body } as never);
  };
  const publish = () => handlers.publishJourney({ ...request, params: { id: "test" }, body: undefined } as never);
  const mistakes = async (work: Promise<unknown>): Promise<readonly string[]> => {
    const error = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    return error instanceof DomainError ? error.errors.map(({ pointer, code }) => `${pointer} ${code}`) : [];
  };
  async function segment(id: string, more: { archivedAt?: string; version?: number } = {}): Promise<void> {
    const { version = 1 } = more;
    const orders = rule({ type: "attribute", attribute: "orders", op: "gte", value: 0 });
    const about = { name: id, rule: orders, updatedAt: start, updatedBy: "t", rebuild: newRebuild(version) };
    await putSegment(table, { ...about, id, ...more, version }, version === 1 ? undefined : version - 1);
  }
  const mail = (templateId: string) => ({
    start: "mail",
    steps: [{ type: "email" as const, id: "mail", templateId, next: "end" }, end],
  });

  test("that names what is not there is refused with each mistake and its place, and nothing is kept", async () => {
    const change = {
      trigger: entered("vips"),
      exits: [{ event: "Form Submitted", conditions: [{ property: "formId", equals: "nowhere" }] }],
      start: "mail",
      steps: [
        { type: "email" as const, id: "mail", templateId: "cart-11", next: "desk" },
        {
          type: "webhook" as const,
          id: "desk",
          endpointId: "desk",
          send: ["contact.fields.firstName", "contact.fields.frstName"],
          next: "look",
        },
        {
          type: "branch" as const,
          id: "look",
          branches: ["orders", "contact.orders", "contact.order", "event.total"].map((property) => ({
            when: [{ property, atLeast: 1 }],
            next: "end",
          })),
          otherwise: "end",
        },
        end,
      ],
    };
    expect(await mistakes(put(change))).toEqual([
      "/steps/0/templateId no_template",
      "/steps/1/endpointId no_endpoint",
      "/trigger/conditions/0/equals no_segment",
      "/exits/0/conditions/0/equals no_form",
      "/steps/2/branches/0/when/0/property unknown_path",
      "/steps/2/branches/2/when/0/property unknown_path",
      "/steps/1/send/1 unknown_path",
    ]);
    expect(await openJourneys(table).head("test")).toBeUndefined();
  });

  test("that names what is there is kept and published", async () => {
    await segment("vip");
    const fields = [{ name: "email", label: "E-mail", type: "email", required: true }];
    await putForm(table, "list", formDefinitionSchema.parse({ title: "List", fields }), undefined);
    const exits = [{ event: "Form Submitted", conditions: [{ property: "formId", equals: "list" }] }];
    expect((await put({ trigger: entered("vip"), exits, ...mail("cart-1") })).status).toBe(201);
    expect((await publish()).body).toMatchObject({ state: "published", publishedVersion: 1 });
  });

  test("is not published once the segment that its draft names is archived", async () => {
    await segment("vip");
    await put({ trigger: entered("vip"), ...mail("cart-1") });
    await segment("vip", { archivedAt: start, version: 2 });
    expect(await mistakes(publish())).toEqual(["/trigger/conditions/0/equals no_segment"]);
    expect(await openJourneys(table).head("test")).toMatchObject({ state: "draft", publishedVersion: 0 });
  });

  test.each(["lead-nurture", "browse-abandonment", "review-request", "cross-sell"])(
    "that comes as a draft, %s, can be published as it is",
    async (id) => {
      const reply = await handlers.publishJourney({ ...request, params: { id }, body: undefined } as never);
      expect(reply.body).toMatchObject({ state: "published" });
    },
  );
});
