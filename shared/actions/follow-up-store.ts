import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod/mini";
import type { MailQueue } from "../email/mail-queue.ts";
import { localDateAt } from "../kpis/calendar.ts";
import type { Table } from "../table/client.ts";
import type { Action } from "./action.ts";
import { reminderMail } from "./action-mail.ts";
import { actionsDue } from "./action-store.ts";

export interface FollowUp {
  readonly table: Table;
  readonly timeZone: string;
  readonly now: () => Date;
  readonly sendMail: MailQueue;
}

/** Nobody is reminded at night: by the account's clock. */
export const followUpFromHour = 6;
/** A pause of the schedule longer than this is not made good. */
const mostDaysBack = 14;

/**
 * Reminds, once on each local day, the owners of the open actions that have fallen due since the last time. A crash
 * anywhere is made good by the next call, and the ledger lets one mail for each action and due day through.
 */
export async function followUp({ table, timeZone, now, sendMail }: FollowUp): Promise<{ readonly reminders: number }> {
  const at = now();
  const today = localDateAt(at, timeZone);
  if (localDateAt(new Date(at.getTime() - followUpFromHour * 3_600_000), timeZone) < today) return { reminders: 0 };
  const last = await lastFollowUp(table);
  if (last === today) return { reminders: 0 };
  const earliest = localDateAt(new Date(at.getTime() - mostDaysBack * 86_400_000), timeZone);
  // The last day once more: what was promised on it for the same day had come too late to be reminded of.
  const from = last === undefined || last < earliest ? earliest : last;
  const due = await actionsDue(table, "open", { from, to: today });
  await Promise.all(due.map((action) => sendMail(reminderOf(action, today))));
  await noteFollowUp(table, today);
  return { reminders: due.length };
}

function reminderOf(action: Action, today: string): Parameters<MailQueue>[0] {
  return {
    owner: { staff: action.owner },
    messageKey: `action-${action.id}-${action.dueOn}`,
    content: reminderMail(action, today),
    correlationId: action.id,
  };
}

const key = { pk: "ACTIONS", sk: "FOLLOWED-UP" } as const;
const markSchema = z.object({ date: z.string() });

async function lastFollowUp(table: Table): Promise<string | undefined> {
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key: key, ConsistentRead: true }));
  return Item && markSchema.parse(Item).date;
}

async function noteFollowUp(table: Table, date: string): Promise<void> {
  await table.client.send(new PutCommand({ TableName: table.name, Item: { ...key, kind: "followUp", date } }));
}
