import { beforeEach, expect, it } from "vitest";
import type { Table } from "../../../shared/table/client.ts";
import { endpointGone, getEndpoint, listEndpoints, putEndpoint } from "../../../shared/webhooks/endpoint-store.ts";
import { putFailure } from "../../../shared/webhooks/failure-store.ts";
import { webhookMessageSchema } from "../../../shared/webhooks/webhook.ts";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";
import { itemsOf } from "../../support/table-contents.ts";

let table: Table;
beforeEach(async () => {
  table = await createTestTable(engine.url);
});
const desk = { id: "desk", url: "https://desk.example/", description: "", updatedAt: "2026-03-01T12:00:00.000Z" };

it("an endpoint that is gone stays so, unless it was changed since", async () => {
  await putEndpoint(table, { ...desk, state: "enabled" });
  await endpointGone(table, { ...desk, state: "enabled", updatedAt: "2026-02-01T12:00:00.000Z" });
  expect(await getEndpoint(table, "desk")).toEqual({ ...desk, state: "enabled" });
  await endpointGone(table, { ...desk, state: "enabled" });
  await endpointGone(table, { ...desk, state: "enabled" });
  expect(await listEndpoints(table)).toEqual([{ ...desk, state: "gone" }]);
  await endpointGone(table, { ...desk, id: "nobody", state: "enabled" });
  expect(await getEndpoint(table, "nobody")).toBeUndefined();
});

it("a failure is told once on its contact's timeline, without what was to be sent", async () => {
  const message = webhookMessageSchema.parse({
    endpointId: "desk",
    id: "msg_1",
    type: "journey.step",
    timestamp: "2026-03-01T12:00:00.000Z",
    data: { values: { "contact.email": "ada@customers.example" } },
    about: { contactId: "c1", properties: { journeyId: "trial", stepId: "tell" } },
  });
  await putFailure(table, message, "answered 404", new Date("2026-03-01T12:01:00Z"));
  await putFailure(table, message, "answered 500", new Date("2026-03-01T12:02:00Z"));
  const { about: _, ...unowned } = message;
  await putFailure(table, unowned, "answered 404", new Date("2026-03-01T12:01:00Z"));
  const events = await itemsOf(table, "event");
  expect(events).toMatchObject([
    {
      pk: "CONTACT#c1",
      name: "Webhook Failed",
      properties: {
        endpointId: "desk",
        reason: "answered 404",
        journeyId: "trial",
        stepId: "tell",
        webhookId: "msg_1",
      },
    },
  ]);
  expect(JSON.stringify(events)).not.toContain("ada@");
});
