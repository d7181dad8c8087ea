import { randomUUID } from "node:crypto";
import { DeleteCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod/mini";
import type { Table } from "./client.ts";
import { isWritten } from "./is-written.ts";
import { queryAll } from "./query-all.ts";

/** What has changed since it was last counted: of KPIs and the funnel UTC dates, of results a campaign's UTC date. */
export const dirtyLists = { kpis: "DIRTY", results: "DIRTY#results", funnel: "DIRTY#funnel" } as const;
export type DirtyList = keyof typeof dirtyLists;

const markSchema = z.object({
  sk: z.string(),
  mark: z.string(),
  heldUntil: z.optional(z.iso.datetime()),
  pending: z.optional(z.literal(true)),
  begun: z.optional(z.literal(true)),
});

/** Something to be counted again. */
export interface DirtyMark {
  readonly name: string;
  readonly mark: string;
  /** Until then, ISO 8601, writers rely on the mark without writing it again. */
  readonly heldUntil?: string | undefined;
  /** What was counted has changed, and what it is a part of may not have been counted yet. */
  readonly pending?: true | undefined;
  /** A roll-up has begun to write what it counted, and may have died before all of it was written. */
  readonly begun?: true | undefined;
}

/** How long a process relies on a mark that it has written, in minutes. */
const reliedMinutes = 15;
/** How far the clocks of two processes may be apart, in minutes. */
const clocksApartMinutes = 1;

const minutesAfter = (instant: Date, minutes: number) => new Date(instant.getTime() + minutes * 60_000);

/**
 * Marks what is to be counted again, with all that it is a part of. The mark is new each time, so that a roll-up that is
 * under way does not clear it.
 */
export function markDirty(table: Table, list: DirtyList, name: string): Promise<unknown> {
  return renewMark(table, list, name, { pending: true });
}

/** Gives a mark a new value, and what it says beside it; the rest of it stays. */
async function renewMark(
  table: Table,
  list: DirtyList,
  name: string,
  says: Partial<Pick<DirtyMark, "pending" | "begun" | "heldUntil">>,
): Promise<{ readonly mark: string; readonly wasBegun: boolean }> {
  const mark = randomUUID();
  const told = Object.entries(says);
  const { Attributes } = await table.client.send(
    new UpdateCommand({
      TableName: table.name,
      Key: { pk: dirtyLists[list], sk: name },
      UpdateExpression: `SET kind = :kind, mark = :mark${told.map(([name]) => `, ${name} = :${name}`).join("")}`,
      ExpressionAttributeValues: {
        ":kind": "dirtyDay",
        ":mark": mark,
        ...Object.fromEntries(told.map(([name, value]) => [`:${name}`, value])),
      },
      ReturnValues: "ALL_OLD",
    }),
  );
  return { mark, wasBegun: Attributes?.begun === true };
}

/**
 * A marker that writes once for all calls of a quarter of an hour. A call comes after the write that it marks, and no
 * roll-up that begins before the quarter is over clears the mark: the next one counts what this one may have missed.
 */
export function createMarker({ table, now }: Marking, list: DirtyList): (name: string) => Promise<void> {
  const marked = new Map<string, { readonly until: Date; readonly written: Promise<void> }>();
  return (name) => {
    const at = now();
    const known = marked.get(name);
    if (known !== undefined && at < known.until) return known.written;
    for (const [other, { until }] of marked) if (until <= at) marked.delete(other);
    const until = minutesAfter(at, reliedMinutes);
    const heldUntil = minutesAfter(until, clocksApartMinutes).toISOString();
    const written = renewMark(table, list, name, { heldUntil }).then(
      () => undefined,
      (error: unknown) => {
        marked.delete(name);
        throw error;
      },
    );
    marked.set(name, { until, written });
    return written;
  };
}

export interface Marking {
  readonly table: Table;
  readonly now: () => Date;
}

/** Whether writers still rely on a mark: what it names has been counted by each roll-up since, and will be once more. */
function isHeld({ heldUntil }: Pick<DirtyMark, "heldUntil">, now: Date): boolean {
  return heldUntil !== undefined && Date.parse(heldUntil) >= now.getTime();
}

export async function readDirty(table: Table, list: DirtyList): Promise<readonly DirtyMark[]> {
  const items = await queryAll(table, { pk: dirtyLists[list], consistent: true });
  return items.map((item) => {
    const { sk, ...mark } = markSchema.parse(item);
    return { name: sk, ...mark };
  });
}

/** What no roll-up has counted yet, or not all of: the marks that writers of this hour rely on are left out. */
export async function readWaiting(table: Table, list: DirtyList, now: Date): Promise<readonly DirtyMark[]> {
  return (await readDirty(table, list)).filter((mark) => !isHeld(mark, now));
}

/**
 * Notes, before it is written, that what a mark names has changed: should the roll-up die before all is written, and all
 * counted that this is a part of, the next one does both. It renews the mark, so that no other roll-up clears it meanwhile.
 *
 * @returns the mark as it is now, and whether another roll-up had noted the same and may have died
 */
export async function noteBegun(
  table: Table,
  list: DirtyList,
  { name, heldUntil }: DirtyMark,
): Promise<{ readonly mark: DirtyMark; readonly wasBegun: boolean }> {
  const { mark, wasBegun } = await renewMark(table, list, name, { pending: true, begun: true });
  return { mark: { name, mark, heldUntil, pending: true, begun: true }, wasBegun };
}

/**
 * Notes that all is counted that a mark stands for, and leaves it, unless the same has been marked again since it was
 * read. A mark without anything pending is left as it is.
 */
export async function settleDirty(table: Table, list: DirtyList, { name, mark, pending }: DirtyMark): Promise<void> {
  if (!pending) return;
  const key = { pk: dirtyLists[list], sk: name };
  await unlessMarkedAgain(mark, (unchanged) =>
    table.client.send(
      new UpdateCommand({ TableName: table.name, Key: key, UpdateExpression: "REMOVE pending, begun", ...unchanged }),
    ),
  );
}

/**
 * Clears a mark, unless the same has been marked again since it was read; one that writers rely on still is settled.
 *
 * @param began when the roll-up began, before it read the marks
 */
export async function clearDirty(table: Table, list: DirtyList, dirty: DirtyMark, began: Date): Promise<void> {
  if (isHeld(dirty, began)) return settleDirty(table, list, dirty);
  const key = { pk: dirtyLists[list], sk: dirty.name };
  await unlessMarkedAgain(dirty.mark, (unchanged) =>
    table.client.send(new DeleteCommand({ TableName: table.name, Key: key, ...unchanged })),
  );
}

async function unlessMarkedAgain(
  mark: string,
  write: (unchanged: {
    readonly ConditionExpression: string;
    readonly ExpressionAttributeValues: Record<string, unknown>;
  }) => Promise<unknown>,
): Promise<void> {
  await isWritten(write({ ConditionExpression: "mark = :mark", ExpressionAttributeValues: { ":mark": mark } }));
}
