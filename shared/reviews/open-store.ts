import { addDays, localDateAt, periodBefore, periodContaining } from "../kpis/calendar.ts";
import { readOldestDay } from "../kpis/snapshot-store.ts";
import { readWaiting } from "../table/dirty-store.ts";
import { type Gathering, gather } from "./gather-store.ts";
import { openedReview, type Review, reviewIdOf } from "./review.ts";
import { openReview, readReview, readSchedule } from "./review-store.ts";

export interface Opening extends Gathering {
  readonly managers: Review["recipients"];
}

/** While history is counted, figures look lower than they are; a review waits for it so many days at most. */
const mostDaysWaited = 3;

/**
 * Opens the reviews whose period is over, each once, with what stands of it now. A crash anywhere is made good by the next
 * call: review and figures are written together, where nothing stands yet.
 *
 * @returns the ids of those that were opened
 */
export async function openReviews(options: Opening): Promise<readonly string[]> {
  const { table, timeZone, now, managers } = options;
  const today = localDateAt(now, timeZone);
  const opened: string[] = [];
  for (const { period: kind, daysToClose } of (await readSchedule(table)).reviews) {
    const period = { ...periodBefore(periodContaining(kind, today)), kind };
    if ((await readReview(table, reviewIdOf(period))) !== undefined) continue;
    if (!(await isCounted(options, period, today))) continue;
    const about = { at: now.toISOString(), today, daysToClose, recipients: managers };
    const review = openedReview(period, about);
    if (await openReview(table, review, await gather(options, period))) opened.push(review.id);
  }
  return opened;
}

/** Whether there is something to look back at, and it has been counted. */
async function isCounted({ table, now }: Opening, { end }: { readonly end: string }, today: string): Promise<boolean> {
  const oldest = await readOldestDay(table);
  if (oldest === undefined || oldest >= end) return false;
  if (today >= addDays(end, mostDaysWaited)) return true;
  return !(await readWaiting(table, "kpis", now)).some(({ name }) => name < end);
}
