import { contactOf, type Event } from "../events/event.ts";
import { type DealEvent, dealEventSchema } from "../events/sales.ts";
import { entryOf, type KpiEntry, lagBetween, personOf } from "./entry.ts";

/**
 * The entries of a deal: its creation, once, and its close, as long as it stands. A stage change after a close opens the
 * deal again, unless it says that it belongs to the close; then only a later close counts, on its own date.
 *
 * @param events all that the timeline holds of one deal, oldest first
 */
export function dealEntries(events: readonly Event[]): readonly KpiEntry[] {
  const told = events.map(toldBy);
  const created = told.find(({ event }) => event.name === "Deal Created");
  const createdAt = creationOf(told);
  const close = standingClose(told);
  return told.flatMap(({ event, deal }, index) => {
    const fact = entryNames.get(event.name);
    if (fact === undefined) return [];
    const known = knownAt(told.slice(0, index + 1).map((each) => each.deal));
    return entryOf({
      fact,
      at: event.occurredAt,
      person: personOf(contactOf(event)),
      id: event.eventId,
      properties: {
        ...known.amount,
        owner: known.owner,
        pipeline: known.pipeline,
        source: event.source,
        ...(fact !== "Deal Created" && { reason: deal.reason, lag: lagOf(createdAt, event.occurredAt) }),
      },
      version: events.length,
      withdrawn: event !== (fact === "Deal Created" ? created?.event : close),
    });
  });
}

export function toldBy(event: Event): Told {
  return { event, deal: dealEventSchema.parse(event.properties) };
}

/** When a deal was made: by its creation, else by what a later event says of it. */
export function creationOf(told: readonly Told[]): string | undefined {
  const created = told.find(({ event }) => event.name === "Deal Created");
  return created?.event.occurredAt ?? told.flatMap(({ deal: { createdAt } }) => createdAt ?? []).sort()[0];
}

const entryNames = new Map(
  (["Deal Created", "Deal Won", "Deal Lost"] as const).map((name) => [name as string, name] as const),
);

export type Told = { readonly event: Event; readonly deal: DealEvent };

/** The close that stands: none of a deal that was opened again after it. */
export function standingClose(told: readonly Told[]): Event | undefined {
  const last = told.findLast(({ event }) => event.name === "Deal Won" || event.name === "Deal Lost")?.event;
  const opens = ({ event, deal }: Told) =>
    event.name === "Deal Stage Changed" && deal.closed !== true && event.occurredAt > (last?.occurredAt ?? "");
  return told.some(opens) ? undefined : last;
}

/** The latest word on each member: a close need not repeat the amount. */
export function knownAt(deals: readonly DealEvent[]): Partial<DealEvent> {
  const latest = <Name extends keyof DealEvent>(name: Name) =>
    deals.findLast((deal) => deal[name] !== undefined)?.[name];
  return { amount: latest("amount"), owner: latest("owner"), pipeline: latest("pipeline") };
}

function lagOf(createdAt: string | undefined, at: string): number | undefined {
  return createdAt === undefined ? undefined : lagBetween(createdAt, at);
}
