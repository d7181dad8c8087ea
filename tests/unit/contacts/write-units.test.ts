import { expect, test } from "vitest";
import { appendStage, foldStage, resolveStage } from "../../../shared/contacts/contact-stages.ts";
import { foldEvent } from "../../../shared/contacts/contact-store.ts";
import { putEvent } from "../../../shared/events/event-store.ts";
import { dirtyDayStage, kpiEntryStage } from "../../../shared/kpis/kpi-stages.ts";
import { engine } from "../../support/engine.ts";
import { meterOf } from "../../support/meter.ts";
import { settle } from "../../support/settle.ts";
import { createTestTable } from "../../support/table.ts";
import { engagement, submission } from "./events.ts";
import { formIntake, putIntake } from "./intakes.ts";

test("an ordinary lead costs 8 write units from the stored intake to its KPI entry", async () => {
  const table = await createTestTable(engine.url);
  await putIntake(table, formIntake({ intakeId: "0123456789abcdef0123456789abcdef", email: "ada@example.com" }));
  const used = meterOf(table);
  const newId = () => "01KE5B7Z6M0000000000000000";
  const stages = [
    resolveStage({ table, newId }),
    appendStage({ table, now: () => new Date("2026-01-05T10:00:00.000Z") }),
    foldStage({ table }),
  ];
  await settle({ table, stages: [...stages, kpiEntryStage({ table }), dirtyDayStage({ table })] });
  // Identity and its place in the index, resolved intake, event, contact and its place in the list, KPI entry, dirty day.
  // Read: whether the address is known and refused anything, and twice the contact.
  expect(used).toEqual({ write: 8, read: 3.5 });
});

test("an open of an ordinary contact costs 2 write units", async () => {
  const table = await createTestTable(engine.url);
  await foldEvent(table, submission({ origin: "s", at: "2026-01-05T10:00:00.000Z" }));
  const used = meterOf(table);
  const open = engagement({ origin: "o", at: "2026-01-07T18:00:00.000Z", name: "Email Opened" });
  await putEvent(table, open);
  await foldEvent(table, open);
  expect(used).toEqual({ write: 2, read: 1 });
});
