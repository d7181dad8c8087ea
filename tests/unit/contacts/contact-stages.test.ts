import { DeleteCommand } from "@aws-sdk/lib-dynamodb";
import { beforeEach, describe, expect, test } from "vitest";
import { acknowledgeStage } from "../../../shared/contacts/acknowledge-stage.ts";
import { appendStage, foldStage, resolveStage } from "../../../shared/contacts/contact-stages.ts";
import { intakeKey } from "../../../shared/intake/intake-keys.ts";
import type { Stage } from "../../../shared/stream/stage.ts";
import type { Table } from "../../../shared/table/client.ts";
import { engine } from "../../support/engine.ts";
import { runAll, settle } from "../../support/settle.ts";
import { recordingMailQueue } from "../../support/stage-contract.ts";
import { stageRules } from "../../support/stage-rules.ts";
import { createTestTable } from "../../support/table.ts";
import { itemsOf } from "../../support/table-contents.ts";
import { formIntake, orderIntake, putIntake } from "./intakes.ts";

const now = () => new Date("2026-01-05T10:00:00.000Z");
let table: Table;
let stages: readonly Stage[];
let mail: ReturnType<typeof recordingMailQueue>;

beforeEach(async () => {
  table = await createTestTable(engine.url);
  mail = recordingMailQueue();
  let ids = 0;
  const newId = () => `c${++ids}`;
  stages = [
    resolveStage({ table, newId }),
    appendStage({ table, now }),
    foldStage({ table, rules: stageRules }),
    acknowledgeStage({ sendMail: mail.sendMail }),
  ];
});

describe("an intake item", () => {
  test("becomes an event on the timeline of one new contact", async () => {
    await putIntake(table, formIntake({ intakeId: "i1", email: "Ada@Example.com" }));
    await settle({ table, stages });

    const [contact, ...others] = await itemsOf(table, "contact");
    expect(others).toEqual([]);
    expect(contact).toMatchObject({ email: { value: "Ada@Example.com" }, leadForm: "contact", version: 1 });
    const events = await itemsOf(table, "event");
    expect(events).toMatchObject([{ pk: contact?.pk, name: "Form Submitted", intakeId: "i1", source: "form" }]);
  });

  test("of the same person, spelled otherwise, goes to the same contact", async () => {
    await putIntake(table, formIntake({ intakeId: "i1", email: "Ada@Example.com" }));
    await putIntake(table, orderIntake({ intakeId: "i2", email: "ada@EXAMPLE.com" }));
    await settle({ table, stages });
    expect(await itemsOf(table, "contact")).toMatchObject([
      { orders: 1, revenue: { EUR: 4_999 }, leadForm: "contact" },
    ]);
  });

  test("gives the same result delivered twice and backwards", async () => {
    const intakes = ["i1", "i2", "i3"].map((intakeId, at) =>
      formIntake({ intakeId, email: `p${at % 2}@example.com`, at: `2026-01-0${at + 1}T00:00:00.000Z` }),
    );
    for (const intake of intakes) await putIntake(table, intake);
    await settle({ table, stages, deliver: (changes) => [...changes, ...changes].reverse() });
    expect(await itemsOf(table, "contact")).toHaveLength(2);
    expect(await itemsOf(table, "event")).toHaveLength(3);
    expect((await itemsOf(table, "contact")).map((contact) => contact.ring)).toEqual([
      expect.toSatisfy((ring: string[]) => ring.length >= 1),
      expect.toSatisfy((ring: string[]) => ring.length >= 1),
    ]);
  });

  test("of many who are resolved at the same time has one contact", async () => {
    const intakes = Array.from({ length: 12 }, (_, n) => formIntake({ intakeId: `i${n}`, email: "ada@example.com" }));
    for (const intake of intakes) await putIntake(table, intake);
    await Promise.all(intakes.map((item) => runAll(stages, { item, previous: undefined })));
    expect(new Set((await itemsOf(table, "intake")).map(({ contactId }) => contactId)).size).toBe(1);
    expect(await itemsOf(table, "identity")).toHaveLength(1);
  });

  test("that has expired meanwhile is not written again", async () => {
    const item = formIntake({ intakeId: "i1", email: "ada@example.com" });
    await putIntake(table, item);
    await table.client.send(new DeleteCommand({ TableName: table.name, Key: intakeKey("i1") }));
    await runAll(stages, { item, previous: undefined });
    expect(await itemsOf(table, "intake")).toEqual([]);
  });

  test("keeps the contact that it was given first", async () => {
    const item = formIntake({ intakeId: "i1", email: "ada@example.com" });
    await putIntake(table, { ...item, contactId: "given" });
    await runAll(stages, { item, previous: undefined });
    expect(await itemsOf(table, "intake")).toMatchObject([{ contactId: "given" }]);
  });
});

describe("an acknowledgement", () => {
  const submit = async (given: Partial<Parameters<typeof formIntake>[0]> & { intakeId: string }) =>
    putIntake(table, formIntake({ email: "ada@example.com", ...given }));

  test("is asked for once per person, form and day", async () => {
    await submit({ intakeId: "i1", at: "2026-01-05T00:00:00.000Z" });
    await submit({ intakeId: "i2", at: "2026-01-05T23:59:59.999Z" });
    await submit({ intakeId: "i3", at: "2026-01-05T12:00:00.000Z", formId: "other" });
    await submit({ intakeId: "i4", at: "2026-01-06T00:00:00.000Z" });
    await settle({ table, stages });
    expect(mail.keys().map((key) => key.split(" ")[1])).toEqual([
      "acknowledgement-contact-2026-01-05",
      "acknowledgement-contact-2026-01-06",
      "acknowledgement-other-2026-01-05",
    ]);
  });

  test.each([
    ["who asked for marketing mail", { marketing: true }],
    ["whose post is more than 72 hours old", { occurredAt: "2026-01-02T09:59:59.999Z" }],
  ])("is not sent to a person %s", async (_, given) => {
    await submit({ intakeId: "i1", ...given });
    await settle({ table, stages });
    expect(mail.messages).toEqual([]);
    expect(await itemsOf(table, "contact")).toHaveLength(1);
  });
});
