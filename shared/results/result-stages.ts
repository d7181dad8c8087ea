import * as z from "zod/mini";
import { aboutMail } from "../email/ledger.ts";
import { openLedger } from "../email/ledger-store.ts";
import { type Event, eventSchema } from "../events/event.ts";
import type { Stage } from "../stream/stage.ts";
import type { Table } from "../table/client.ts";
import { createMarker, type Marking } from "../table/dirty-store.ts";
import { digestOf } from "../table/hash.ts";
import { bearsOnOrders, type CreditItem, creditSchema, type OrderResult, orderNames, type Share } from "./credit.ts";
import { putOrderResult, settleCredits } from "./credit-store.ts";
import { isMailEvent, isUnsubscription, mailFactOf, resultPkOf } from "./mail-fact.ts";
import { createFactWriter } from "./mail-fact-store.ts";

/** Keeps what happens to a campaign's mail among its results. */
export function mailFactStage({ table }: { readonly table: Table }): Stage {
  const write = createFactWriter(table);
  return {
    name: "mail-fact",
    kind: "event",
    wants: ({ item, previous }) => previous === undefined && isMailEvent(item),
    async run({ item }) {
      const event = eventSchema.parse(item);
      const told = mailFactOf(isUnsubscription(event) ? await withItsMail(table, event) : event);
      if (told !== undefined) await write(resultPkOf(told.campaign, told.fact), told.fact);
    },
  };
}

const referenceSchema = z.object({ reference: z.optional(z.string()) });

/** An unsubscription names the mail whose link was followed; what that was sent for says its ledger. */
async function withItsMail(table: Table, event: Event): Promise<Event> {
  const { reference } = referenceSchema.parse(event.properties);
  if (reference === undefined) return event;
  const entry = await openLedger(table).read({ pk: event.pk, sk: `MESSAGE#${reference}` });
  return entry === undefined ? event : { ...event, properties: aboutMail(entry) };
}

/** Keeps the credits of a contact's orders as the timeline tells them, whichever of its events comes last. */
export function creditStage({
  table,
  attributionDays,
}: {
  readonly table: Table;
  readonly attributionDays: number;
}): Stage {
  return {
    name: "credit",
    kind: "event",
    wants: ({ item, previous }) => previous === undefined && (orderNames.has(String(item.name)) || isMailEvent(item)),
    async run({ item }) {
      const event = eventSchema.parse(item);
      if (!orderNames.has(event.name) && !bearsOnOrders(event)) return;
      await settleCredits(table, event, attributionDays * 86_400_000);
    },
  };
}

/** Puts each share of an order among its campaign's results, or takes it back. */
export function orderResultStage({ table }: { readonly table: Table }): Stage {
  return {
    name: "order-result",
    kind: "credit",
    wants: ({ item, previous }) => item.version !== previous?.version,
    async run({ item }) {
      const credit = creditSchema.parse(item);
      await Promise.all(credit.shares.map((share) => putOrderResult(table, orderResultOf(credit, share))));
    },
  };
}

function orderResultOf(credit: CreditItem, { campaign, ...share }: Share): OrderResult {
  const { orderId, currency, amount, takenBack, version } = credit;
  const order = digestOf(["result", credit.pk, orderId], 16);
  const key = { pk: resultPkOf(campaign, share), sk: `ORDER#${order}#${share.mail}` };
  return { ...key, kind: "orderResult", ...share, order, currency, amount, takenBack, version };
}

/** Marks a campaign's day whose results have changed, so that the next roll-up counts it. */
export function dirtyResultStages(deps: Marking): readonly Stage[] {
  const mark = createMarker(deps, "results");
  return (["mailFacts", "orderResult"] as const).map((kind) => ({
    name: `dirty-${kind === "mailFacts" ? "mails" : "orders"}`,
    kind,
    wants: () => true,
    run: ({ item }) => mark(item.pk),
  }));
}
