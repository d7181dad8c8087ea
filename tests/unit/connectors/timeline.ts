import { expect } from "vitest";
import { appendStage, foldStage, resolveStage } from "../../../shared/contacts/contact-stages.ts";
import { joinStage, orderedCartStage, releaseStages, waitingStage } from "../../../shared/contacts/join-stages.ts";
import { eventEntryStage, kpiEntryStage } from "../../../shared/kpis/kpi-stages.ts";
import type { Table } from "../../../shared/table/client.ts";
import { settle } from "../../support/settle.ts";
import { stageRules } from "../../support/stage-rules.ts";
import { contentsOf, itemsOf } from "../../support/table-contents.ts";
import { openWebhookDoor } from "./door.ts";
import { wire } from "./fixtures/shopify.ts";

/** What shops tell, from the door to the contact and its KPI entries: each delivery is worked off before the next. */
export async function openTimeline(table: Table) {
  const door = await openWebhookDoor(table);
  const deps = { table, now: () => door.clock.now };
  let ids = 0;
  const stages = [
    resolveStage({ table, newId: () => `c${++ids}` }),
    appendStage(deps),
    joinStage(deps),
    waitingStage(deps),
    ...releaseStages(deps),
    orderedCartStage(deps),
    foldStage({ table, rules: stageRules }),
    eventEntryStage({ table }),
    kpiEntryStage(deps),
  ];
  let known = new Map();
  let deliveries = 0;

  async function hear(answer: Promise<{ readonly status: number | undefined }>): Promise<void> {
    expect(await answer).toMatchObject({ status: 200 });
    await settle({ table, stages, known });
    known = await contentsOf(table);
  }

  const entries = async () => (await itemsOf(table, "kpiEntry")).filter(({ withdrawn }) => withdrawn !== true);

  return {
    door,
    async stripe(...told: readonly object[]): Promise<void> {
      for (const event of told) await hear(door.stripe(event));
    },
    shopify: (topic: string, body: object) => hear(door.shopify(topic, wire(body), `d-${++deliveries}`)),
    woocommerce: (body: object) => hear(door.woocommerce(body, `w-${++deliveries}`)),
    contact: async () => (await itemsOf(table, "contact"))[0],
    names: async () => (await itemsOf(table, "event")).map(({ name }) => String(name)).sort(),
    facts: async () => (await entries()).map(({ fact }) => String(fact)).sort(),
    /** Net revenue in minor units as KPIs add it up. */
    async net(): Promise<number> {
      return (await entries())
        .filter(({ fact }) => String(fact).startsWith("Order "))
        .map(({ fact, properties }) => [fact, Number(Reflect.get(Object(properties), "amount"))] as const)
        .reduce((sum, [fact, amount]) => sum + (fact === "Order Completed" ? amount : -amount), 0);
    },
  };
}
