import { beforeEach, expect, test } from "vitest";
import { consentStage } from "../../../shared/consent/consent-stages.ts";
import { readConsent } from "../../../shared/consent/consent-store.ts";
import { followLink } from "../../../shared/consent/follow-link.ts";
import { appendStage, resolveStage } from "../../../shared/contacts/contact-stages.ts";
import { addressHash } from "../../../shared/contacts/email-address.ts";
import type { Table } from "../../../shared/table/client.ts";
import { engine } from "../../support/engine.ts";
import { settle } from "../../support/settle.ts";
import { createTestTable } from "../../support/table.ts";
import { formIntake, putIntake } from "../contacts/intakes.ts";

let table: Table;
beforeEach(async () => {
  table = await createTestTable(engine.url);
});

const email = "ada@example.com";
const hash = addressHash(email);
const claims = (purpose: "unsubscribe" | "confirm") => ({
  purpose,
  addressHash: hash,
  contactId: "c1",
  reference: "r",
});
const at = (minutes: number) => new Date(Date.parse("2026-01-05T10:00:00.000Z") + minutes * 60_000);

async function stateAfter(step: (now: Date) => Promise<unknown>, now: Date): Promise<string | undefined> {
  await step(now);
  const stages = [
    resolveStage({ table, newId: () => "c1" }),
    appendStage({ table, now: () => now }),
    consentStage({ table, now: () => now }),
  ];
  await settle({ table, stages });
  return (await readConsent(table, hash))?.state;
}

test("who unsubscribes, comes back and unsubscribes by the same link minutes later is left in peace", async () => {
  const tick = (id: string) => (now: Date) =>
    putIntake(table, formIntake({ intakeId: id, email, at: now.toISOString(), marketing: true, doubleOptIn: true }));
  const press = (purpose: "unsubscribe" | "confirm") => (now: Date) => followLink(table, claims(purpose), now);
  expect(await stateAfter(tick("i1"), at(0))).toBe("pending");
  expect(await stateAfter(press("confirm"), at(1))).toBe("granted");
  expect(await stateAfter(press("unsubscribe"), at(2))).toBe("withdrawn");
  expect(await stateAfter(tick("i2"), at(3))).toBe("pending");
  expect(await stateAfter(press("confirm"), at(4))).toBe("granted");
  expect(await stateAfter(press("unsubscribe"), at(5))).toBe("withdrawn");
});
