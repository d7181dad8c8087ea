import { expect, test } from "vitest";
import { appendStage, foldStage, resolveStage } from "../../../shared/contacts/contact-stages.ts";
import { foldEvent } from "../../../shared/contacts/contact-store.ts";
import { putEvent } from "../../../shared/events/event-store.ts";
import { funnelEntryStage, moveOnStages } from "../../../shared/funnel/funnel-stages.ts";
import { dirtyDayStage, kpiEntryStage } from "../../../shared/kpis/kpi-stages.ts";
import { engine } from "../../support/engine.ts";
import { meterOf } from "../../support/meter.ts";
import { settle } from "../../support/settle.ts";
import { stageRules } from "../../support/stage-rules.ts";
import { createTestTable } from "../../support/table.ts";
import { engagement, submission } from "./events.ts";
import { formIntake, putIntake } from "./intakes.ts";

test("an ordinary lead costs 9 write units from the stored intake to its KPI entry and its place in the funnel", async () => {
  const table = await createTestTable(engine.url);
  await putIntake(table, formIntake({ intakeId: "0123456789abcdef0123456789abcdef", email: "ada@example.com" }));
  const used = meterOf(table);
  const now = () => new Date("2026-01-05T10:00:00.000Z");
  const newId = () => "01KE5B7Z6M0000000000000000";
  const stages = [
    resolveStage({ table, newId }),
    appendStage({ table, now }),
    foldStage({ table, rules: stageRules }),
    ...[kpiEntryStage({ table, now }), dirtyDayStage({ table, now })],
    ...moveOnStages({ table, rules: stageRules }),
    funnelEntryStage({ table, now }),
  ];
  await settle({ table, stages });
  // Identity and its place in the index, event, contact and its place in the list, KPI entry, funnel entry; and two dirty
  // days, which leads of a quarter of an hour share.
  // Read: whether the address is known and refused anything, twice the contact, and once its timeline.
  expect(used).toEqual({ write: 9, read: 4.5 });
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
