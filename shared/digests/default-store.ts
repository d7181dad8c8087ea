import type { Table } from "../table/client.ts";
import { startOfHour } from "./occasion.ts";
import {
  defaultId,
  defaultSubscription,
  isStanding,
  type Manager,
  reconfigured,
  type Subscription,
} from "./subscription.ts";
import { readSubscriptions, tryPutSubscription } from "./subscription-store.ts";

export interface DefaultOptions {
  readonly table: Table;
  readonly managers: readonly Manager[];
  readonly hour: number;
  readonly timeZone: string;
  readonly now: Date;
}

export interface Standing {
  readonly subscriptions: readonly Subscription[];
  readonly sentFor: ReadonlyMap<string, string>;
}

/**
 * The subscriptions that stand, with one for each manager of the configuration: it is made where there never was one, and
 * follows the configuration until staff change it. One that was deleted stays so. A manager who left the configuration
 * gets the default no more.
 */
export async function keepDefaults({ table, managers, hour, timeZone, now }: DefaultOptions): Promise<Standing> {
  const { stored, sentFor } = await readSubscriptions(table);
  const byId = new Map(stored.map((each) => [each.id, each]));
  const since = startOfHour(now, timeZone);
  // One address has one default, whoever names it twice.
  for (const manager of new Map(managers.map((each) => [defaultId(each), each])).values()) {
    const before = byId.get(defaultId(manager));
    const next =
      before === undefined
        ? defaultSubscription(manager, hour, since)
        : isStanding(before)
          ? reconfigured(before, manager, hour, since)
          : undefined;
    // Who was faster, a manager or another run, is heard in the next hour.
    if (next !== undefined && (await tryPutSubscription(table, next))) byId.set(next.id, next);
  }
  const configured = new Set(managers.map(defaultId));
  const subscriptions = [...byId.values()].filter(isStanding);
  return {
    subscriptions: subscriptions.filter((each) => each.configured === undefined || configured.has(each.id)),
    sentFor,
  };
}
