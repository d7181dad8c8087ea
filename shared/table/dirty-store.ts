import { randomUUID } from "node:crypto";
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { DeleteCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod/mini";
import type { Table } from "./client.ts";
import { queryAll } from "./query-all.ts";

/** What has changed since it was last counted: of KPIs and the funnel UTC dates, of results a campaign's UTC date. */
export const dirtyLists = { kpis: "DIRTY", results: "DIRTY#results", funnel: "DIRTY#funnel" } as const;
export type DirtyList = keyof typeof dirtyLists;

const markSchema = z.object({ sk: z.string(), mark: z.string(), heldUntil: z.optional(z.iso.datetime()) });

/** Something to be counted again. */
export interface DirtyMark {
  readonly name: string;
  readonly mark: string;
  /** Until then, ISO 8601, writers rely on the mark without writing it again. */
  readonly heldUntil?: string | undefined;
}

/** How long a process relies on a mark that it has written, in minutes. */
const reliedMinutes = 15;
/** How far the clocks of two processes may be apart, in minutes. */
const clocksApartMinutes = 1;

const minutesAfter = (instant: Date, minutes: number) => new Date(instant.getTime() + minutes * 60_000);

/**
 * Marks what is to be counted again. The mark is new each time, so a roll-up that is under way does not clear it.
 *
 * @param heldUntil before then no roll-up clears it, though each counts it
 */
export async function markDirty(table: Table, list: DirtyList, name: string, heldUntil?: Date): Promise<void> {
  const held = heldUntil === undefined ? {} : { ":heldUntil": heldUntil.toISOString() };
  await table.client.send(
    new UpdateCommand({
      TableName: table.name,
      Key: { pk: dirtyLists[list], sk: name },
      UpdateExpression: `SET kind = :kind, mark = :mark${heldUntil === undefined ? "" : ", heldUntil = :heldUntil"}`,
      ExpressionAttributeValues: { ":kind": "dirtyDay", ":mark": randomUUID(), ...held },
    }),
  );
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
    const written = markDirty(table, list, name, minutesAfter(until, clocksApartMinutes)).catch((error: unknown) => {
      marked.delete(name);
      throw error;
    });
    marked.set(name, { until, written });
    return written;
  };
}

export interface Marking {
  readonly table: Table;
  readonly now: () => Date;
}

/** Whether writers still rely on a mark: what it names has been counted by each roll-up since, and will be once more. */
export function isHeld({ heldUntil }: Pick<DirtyMark, "heldUntil">, now: Date): boolean {
  return heldUntil !== undefined && Date.parse(heldUntil) >= now.getTime();
}

export async function readDirty(table: Table, list: DirtyList): Promise<readonly DirtyMark[]> {
  const items = await queryAll(table, { pk: dirtyLists[list], consistent: true });
  return items.map((item) => {
    const { sk, ...mark } = markSchema.parse(item);
    return { name: sk, ...mark };
  });
}

/**
 * Clears a mark, unless the same has been marked again since it was read, or writers rely on it still.
 *
 * @param began when the roll-up began, before it read the marks
 */
export async function clearDirty(
  table: Table,
  list: DirtyList,
  { name, mark, heldUntil }: DirtyMark,
  began: Date,
): Promise<"cleared" | "marked again" | "held"> {
  if (isHeld({ heldUntil }, began)) return "held";
  try {
    await table.client.send(
      new DeleteCommand({
        TableName: table.name,
        Key: { pk: dirtyLists[list], sk: name },
        ConditionExpression: "mark = :mark",
        ExpressionAttributeValues: { ":mark": mark },
      }),
    );
    return "cleared";
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return "marked again";
    throw error;
  }
}
