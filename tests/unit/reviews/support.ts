import type { Action, NewAction } from "../../../shared/actions/action.ts";
import { actionHandlers } from "../../../shared/actions/action-handlers.ts";
import type { MailMessageInput } from "../../../shared/email/mail-message.ts";
import { entryOf, personOf } from "../../../shared/kpis/entry.ts";
import { putEntry } from "../../../shared/kpis/entry-store.ts";
import { rollUp } from "../../../shared/kpis/roll-up.ts";
import { followUp } from "../../../shared/reviews/follow-up-store.ts";
import { reviewHandlers } from "../../../shared/reviews/review-handlers.ts";
import type { Table } from "../../../shared/table/client.ts";
import { markDirty } from "../../../shared/table/dirty-store.ts";
import { kpiNamed } from "../kpis/support.ts";

/** A few of the KPIs: to count all takes its time. */
export const kpis = ["net-revenue", "orders", "arpu", "csat", "follow-through"].map(kpiNamed);
export const timeZone = "Europe/Berlin";
export const manager = { name: "Morgan", email: "morgan@example.com" };
export const mia = { name: "Mia", email: "mia@example.com" };

interface Asked {
  readonly id?: string;
  readonly body?: object;
  readonly query?: object;
  readonly version?: number;
  readonly key?: string;
}

export function request({ id = "", body = {}, query = {}, version, key }: Asked): never {
  const headers = {
    ...(version !== undefined && { "if-match": `"${version}"` }),
    ...(key !== undefined && { "idempotency-key": key }),
  };
  return { params: { id }, query, body, headers, caller: { username: "tom", subject: "tom" } } as never;
}

/** A company and its clock. */
export function company(table: Table, counted = kpis) {
  const clock = { at: "" };
  const mails: MailMessageInput[] = [];
  const now = () => new Date(clock.at);
  const sendMail = async (mail: MailMessageInput) => void mails.push(mail);
  const actions = actionHandlers({ table, timeZone, now });
  let keys = 0;
  return {
    clock,
    now,
    mails,
    sendMail,
    reviews: reviewHandlers({ table, kpis: async () => kpis, now }),
    /** Orders of the account's currency, counted. */
    async sold(at: string, amount: number): Promise<void> {
      const properties = { amount, currency: "EUR", source: "shop" };
      await putEntry(table, entryOf({ fact: "Order Completed", at, person: personOf("c1"), id: at, properties }));
      await markDirty(table, "kpis", at.slice(0, 10));
      await this.roll();
    },
    roll: () => rollUp({ table, kpis: counted, timeZone, now }),
    follow: (of: Table = table) => followUp({ table: of, kpis, timeZone, managers: [manager], now, sendMail }),
    async promise(more: Partial<NewAction>): Promise<Action> {
      const origin = { kind: "theme", theme: "delivery", period: "month", start: "2026-10-01" } as const;
      const body = { what: "Call", owner: mia, dueOn: "2026-11-20", notes: "", origin, ...more };
      return (await actions.createAction(request({ body, key: `idempotency-key-${++keys}` }))).body as Action;
    },
    async change({ id, version, what, owner, dueOn, notes, state }: Action, more: object): Promise<Action> {
      const body = { what, owner, dueOn, notes, state, ...more };
      return (await actions.putAction(request({ id, version, body }))).body as Action;
    },
  };
}
