import * as z from "zod/mini";
import type { Key } from "../table/item.ts";
import { comparisonSchema, differs, type OrderPair, secondLook, withPairs } from "./reconciliation.ts";
import { sourceNameSchema } from "./source.ts";

export const importIdSchema = z.string().check(z.regex(/^[\w-]{1,60}$/, "not the id of an import"));

/** The import that connecting a shop starts. */
export const firstImportId = "history";

/** An import of a shop's orders: what was asked for, how far it has come, what came of it. */
export const importSchema = z.object({
  source: sourceNameSchema,
  importId: importIdSchema,
  /** `draft`: a file that waits to be begun. */
  state: z.enum(["draft", "running", "done", "failed", "cancelled"]),
  /** What a file held when it was begun. */
  expected: z.optional(z.object({ parts: z.number(), pages: z.number(), orders: z.number() })),
  /** Orders made at or after `from` and before `until`. */
  from: z.optional(z.string()),
  until: z.optional(z.string()),
  startedAt: z.string(),
  endedAt: z.optional(z.string()),
  pages: z.number(),
  /** Orders seen. */
  read: z.number(),
  /** Orders whose facts are kept, now or before: an order that a webhook told of is the same order. */
  written: z.number(),
  /** Orders that say nothing yet: not paid, or nobody's. */
  skipped: z.number(),
  /** Orders that could not be read. */
  refused: z.number(),
  /** The first of them, and why. */
  refusals: z.array(z.object({ order: z.string(), problems: z.array(z.string()) })),
  /** Why it waits, or has failed. */
  problem: z.optional(z.string()),
  /** Tries in a row that the shop could not answer. */
  tries: z.number(),
  waitSeconds: z.optional(z.number()),
  /** Of a nightly reconciliation alone. */
  comparison: z.optional(comparisonSchema),
  /** The place in the shop's list after which the next page begins. */
  after: z.optional(z.string()),
  /** Each step is taken once: a message names the version that it continues. */
  version: z.number(),
});
export type Import = z.infer<typeof importSchema>;

/** The parts that staff see. */
export const importViewSchema = z.omit(importSchema, {
  after: true,
  waitSeconds: true,
  tries: true,
  version: true,
  comparison: true,
});

export function importViewOf({
  after: _,
  waitSeconds: __,
  tries: ___,
  version: ____,
  comparison: _____,
  ...view
}: Import) {
  return view;
}

const partitionOf = (source: string): string => `IMPORTS#${source}`;

/** Imports of a shop stand together, by id. */
export function importKey(source: string, importId: string): Key {
  return { pk: partitionOf(source), sk: importId };
}

export function newImport(
  asked: Pick<Import, "source" | "importId" | "startedAt"> & Partial<Pick<Import, "from" | "until" | "comparison">>,
): Import {
  const counts = { pages: 0, read: 0, written: 0, skipped: 0, refused: 0, refusals: [] };
  return { ...asked, ...counts, state: "running", tries: 0, version: 1 };
}

/** The import of a file that gets one more part. */
export function draftOf(before: Import | undefined, about: Pick<Import, "source" | "importId" | "startedAt">): Import {
  return before === undefined ? { ...newImport(about), state: "draft" } : { ...before, version: before.version + 1 };
}

/** A file's import that begins. */
export function begun(draft: Import, expected: NonNullable<Import["expected"]>, now: Date): Import {
  const { endedAt: _, ...kept } = draft;
  return { ...kept, expected, state: "running", startedAt: now.toISOString(), version: draft.version + 1 };
}

/** What a page brought. */
export interface PageTally {
  readonly read: number;
  readonly written: number;
  readonly skipped: number;
  readonly refusals: Import["refusals"];
  readonly next: string | undefined;
  /** Each order that the shop and we should have, of a reconciliation. */
  readonly pairs?: readonly OrderPair[];
}

const keptRefusals = 50;

export function afterPage(before: Import, page: PageTally, now: Date): Import {
  const { problem: _, waitSeconds: __, after: ___, comparison, ...kept } = before;
  const next = comparison && withPairs(comparison, page.pairs ?? []);
  return {
    ...kept,
    ...(next !== undefined && { comparison: next }),
    ...(page.next === undefined ? atTheEnd(next, now) : { after: page.next }),
    pages: before.pages + 1,
    read: before.read + page.read,
    written: before.written + page.written,
    skipped: before.skipped + page.skipped,
    refused: before.refused + page.refusals.length,
    refusals: [...before.refusals, ...page.refusals].slice(0, keptRefusals),
    tries: 0,
    version: before.version + 1,
  };
}

/** What the first look found missing is looked for once more, when its facts have been made of it. */
function atTheEnd(comparison: Import["comparison"], now: Date): Partial<Import> {
  if (comparison === undefined || comparison.look === 2 || !differs(comparison)) {
    return { state: "done", endedAt: now.toISOString() };
  }
  return { comparison: secondLook(comparison), waitSeconds: longestWaitSeconds };
}

const mostTries = 12;
const longestWaitSeconds = 900;

/** The shop could not answer: the same page again after what the shop asked for, else after twice as long as the last time. */
export function afterBusy(before: Import, problem: string, retryAfterSeconds: number | undefined, now: Date): Import {
  const tries = before.tries + 1;
  if (tries >= mostTries)
    return failed({ ...before, tries: 0 }, `${problem} That was so ${mostTries} times in a row.`, now);
  const waitSeconds = Math.min(retryAfterSeconds ?? 5 * 2 ** before.tries, longestWaitSeconds);
  return { ...before, tries, waitSeconds, problem, version: before.version + 1 };
}

/** It stands where it is, and goes on from there when somebody resumes it. */
export function failed(before: Import, problem: string, now: Date): Import {
  return { ...before, state: "failed", problem, endedAt: now.toISOString(), version: before.version + 1 };
}

/** @returns undefined when the import is over, or is so already */
export function cancelled(before: Import, now: Date): Import | undefined {
  if (before.state === "done" || before.state === "cancelled") return undefined;
  return { ...before, state: "cancelled", endedAt: now.toISOString(), version: before.version + 1 };
}

/** @returns undefined when there is nothing to go on with, or it was never begun */
export function resumed({ problem: _, endedAt: __, waitSeconds: ___, ...before }: Import): Import | undefined {
  if (before.state === "done" || before.state === "running") return undefined;
  return { ...before, state: "running", tries: 0, version: before.version + 1 };
}
