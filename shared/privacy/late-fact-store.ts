import { applyToConsent, readConsent } from "../consent/consent-store.ts";
import { everyTopic } from "../consent/topics.ts";
import type { Intake } from "../intake/intake.ts";
import { eraseIntake } from "../intake/intake-store.ts";
import type { Table } from "../table/client.ts";
import { actsOfWithdrawals } from "./refusal.ts";
import { keepRefusal } from "./refusal-store.ts";

/**
 * Takes what arrived for somebody who had been erased: nothing is made of it, its own words go, and the record of the
 * erasure shows that it came. Only who says no, by a link in an old mail, is heard: that address gets no marketing.
 */
export async function refuseLateFact(table: Table, contactId: string, intake: Intake, now: Date): Promise<void> {
  const topics = topicsRefusedIn(intake);
  if ("addressHash" in intake.payload && topics.length > 0) {
    const { addressHash } = intake.payload;
    const withdrawn = Object.fromEntries(topics.map((topic) => [topic, intake.occurredAt]));
    await keepRefusal(table, addressHash, { withdrawn });
    const consent = await readConsent(table, addressHash);
    if (consent !== undefined) {
      const acts = actsOfWithdrawals(withdrawn).map((act) => ({ ...act, source: "page" }));
      const change = { addressHash, contactId: consent.contactId, acts };
      await applyToConsent(table, change, now);
    }
  }
  await eraseIntake(table, intake.intakeId, { contactId });
}

function topicsRefusedIn({ type, payload }: Intake): readonly string[] {
  if (type === "unsubscribe") return [everyTopic];
  if (type !== "preferences") return [];
  if (payload.choice === "none") return [everyTopic];
  return Object.entries(payload.topics ?? {}).flatMap(([topic, wanted]) => (wanted === "off" ? [topic] : []));
}
