import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod/mini";
import { type Action, actionStates } from "../actions/action.ts";
import { reminderMail } from "../actions/action-mail.ts";
import { actionsDue } from "../actions/action-store.ts";
import { promiseEntries } from "../actions/promise.ts";
import type { MailMessageInput } from "../email/mail-message.ts";
import type { MailQueue } from "../email/mail-queue.ts";
import { addDays, localDateAt } from "../kpis/calendar.ts";
import { putEntry } from "../kpis/entry-store.ts";
import type { Kpi } from "../kpis/kpi.ts";
import type { Table } from "../table/client.ts";
import { openReviews } from "./open-store.ts";
import type { Review } from "./review.ts";
import { reviewReminderMail } from "./review-mail.ts";
import { listReviews } from "./review-store.ts";

export interface FollowUp {
  readonly table: Table;
  readonly kpis: readonly Kpi[];
  readonly timeZone: string;
  readonly managers: Review["recipients"];
  readonly now: () => Date;
  readonly sendMail: MailQueue;
}

/** Nobody is reminded at night: by the account's clock. */
const followUpFromHour = 6;
/** A pause of the schedule longer than this is not made good. */
const mostDaysBack = 14;

/**
 * From the morning on, opens the reviews whose period is over; and once on each local day tells the owners of what has
 * fallen due since the last time, and KPIs of the promises whose day is over. A crash anywhere is made good by the next
 * call: entries and reviews are the same again, and the ledger lets one mail for each action and due day through.
 */
export async function followUp(deps: FollowUp): Promise<{ readonly reviews: number; readonly reminders: number }> {
  const { table, timeZone } = deps;
  const now = deps.now();
  const today = localDateAt(now, timeZone);
  const isNight = localDateAt(new Date(now.getTime() - followUpFromHour * 3_600_000), timeZone) < today;
  if (isNight) return { reviews: 0, reminders: 0 };
  const reviews = (await openReviews({ ...deps, now })).length;
  const last = await lastFollowUp(table);
  if (last === today) return { reviews, reminders: 0 };
  const earliest = addDays(today, -mostDaysBack);
  // The last day once more: what was promised on it for the same day had come too late to be reminded of.
  const due = { from: last === undefined || last < earliest ? earliest : last, to: today };
  const mails = [...(await actionReminders(table, due)), ...(await reviewReminders(table, due))];
  await Promise.all(mails.map(deps.sendMail));
  await countPromises(deps, due, now);
  await noteFollowUp(table, today);
  return { reviews, reminders: mails.length };
}

interface Span {
  readonly from: string;
  readonly to: string;
}

async function actionReminders(table: Table, due: Span): Promise<readonly MailMessageInput[]> {
  const actions = await actionsDue(table, "open", due);
  return actions.map((action) => ({
    owner: { staff: action.owner },
    messageKey: `action-${action.id}-${action.dueOn}`,
    content: reminderMail(action, due.to),
    correlationId: action.id,
  }));
}

/** More reviews are not open at one time. */
const mostReviews = 25;

async function reviewReminders(table: Table, { from, to }: Span): Promise<readonly MailMessageInput[]> {
  const { items } = await listReviews(table, { limit: mostReviews });
  return items
    .filter(({ state, closeBy }) => state === "open" && from <= closeBy && closeBy <= to)
    .flatMap((review) =>
      review.recipients.map((staff) => ({
        owner: { staff },
        messageKey: `review-${review.id}-close`,
        content: reviewReminderMail(review),
        correlationId: review.id,
      })),
    );
}

/** What is written here is what the action's own stage writes once the day is over, should there be another change. */
async function countPromises({ table, timeZone }: FollowUp, { from, to }: Span, now: Date): Promise<void> {
  const over = { from: addDays(from, -1), to: addDays(to, -1) };
  const actions: Action[] = [];
  for (const state of actionStates) actions.push(...(await actionsDue(table, state, over)));
  for (const action of actions) {
    for (const entry of promiseEntries(action, timeZone, now)) await putEntry(table, entry);
  }
}

const key = { pk: "REVIEWS", sk: "FOLLOWED-UP" } as const;
const markSchema = z.object({ date: z.string() });

async function lastFollowUp(table: Table): Promise<string | undefined> {
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key: key, ConsistentRead: true }));
  return Item && markSchema.parse(Item).date;
}

async function noteFollowUp(table: Table, date: string): Promise<void> {
  await table.client.send(new PutCommand({ TableName: table.name, Item: { ...key, kind: "followUp", date } }));
}
