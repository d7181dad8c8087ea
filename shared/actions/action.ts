import * as z from "zod/mini";
import { themeIdSchema } from "../feedback/theme.ts";
import { periodKinds } from "../kpis/period.ts";
import type { Key } from "../table/item.ts";

export const actionStates = ["open", "done", "dropped"] as const;
export type ActionState = (typeof actionStates)[number];

const date = z.iso.date("is no date that exists, such as 2026-12-31");
const name = z.string().check(z.trim(), z.minLength(1), z.maxLength(100));
export const ownerSchema = z.strictObject({ name, email: z.email().check(z.maxLength(254)) });

/** `quarter-2026-07-01`: the kind of period that is reviewed, and the day it began on. */
export const reviewIdSchema = z.string().check(z.regex(/^(month|quarter|year)-\d{4}-\d\d-\d\d$/, "a review's id"));

/** What an action comes from: a theme of feedback in a period, or a review. */
export const originSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("theme"), theme: themeIdSchema, period: z.enum(periodKinds), start: date }),
  z.strictObject({ kind: z.literal("review"), review: reviewIdSchema }),
]);
export type Origin = z.output<typeof originSchema>;

const members = {
  what: z.string().check(z.trim(), z.minLength(1), z.maxLength(500)),
  owner: ownerSchema,
  /** The local day by whose end it is to be done. */
  dueOn: date,
  notes: z._default(z.string().check(z.maxLength(4_000)), ""),
};

export const newActionSchema = z.strictObject({ ...members, origin: originSchema });
export type NewAction = z.output<typeof newActionSchema>;

export const actionChangeSchema = z.strictObject({ ...members, state: z.enum(actionStates) });
export type ActionChange = z.output<typeof actionChangeSchema>;

/** Something that somebody is to do by a day. */
export const actionSchema = z.object({
  id: z.string(),
  ...members,
  state: z.enum(actionStates),
  origin: originSchema,
  /** Due days that had passed before the due day was moved: an open promise that is moved too late stays missed. */
  missedOn: z.array(z.string()),
  /** When it was done or dropped. */
  closedAt: z.nullable(z.string()),
  createdAt: z.string(),
  createdBy: z.string(),
  updatedAt: z.string(),
  updatedBy: z.string(),
  version: z.number(),
  /** Of the request that entered it. */
  requestHash: z.string(),
});
export type Action = z.output<typeof actionSchema>;

export const actionIdSchema = z
  .string()
  .check(z.regex(/^(theme|review)\.[a-z0-9-]{1,40}\.[0-9a-f]{20}$/, "an action's id"));

/** All actions of a theme, or of a review, stand together; the id says where. */
export function originPartition(kind: Origin["kind"], of: string): string {
  return `ACTIONS#${kind}#${of}`;
}

export function originName(origin: Origin): string {
  return origin.kind === "theme" ? origin.theme : origin.review;
}

export function actionKey(id: string): Key {
  const [kind, of] = id.split(".");
  return { pk: `ACTIONS#${kind}#${of}`, sk: id };
}

/** The index's partition of the actions in one state, and their order in it: what is due first comes first. */
export const statePartition = (state: ActionState): string => `ACTIONS#${state}`;
export const dueOrder = ({ dueOn, id }: Pick<Action, "dueOn" | "id">): string => `${dueOn}#${id}`;
export const dueOrderPattern = /^\d{4}-\d\d-\d\d#(theme|review)\.[a-z0-9-]{1,40}\.[0-9a-f]{20}$/;

/** Who writes a version, when, and on which local day. */
export interface Stamp {
  readonly at: string;
  readonly by: string;
  readonly today: string;
}

export function newAction(
  input: NewAction,
  { suffix, requestHash }: { readonly suffix: string; readonly requestHash: string },
  { at, by }: Stamp,
): Action {
  return {
    ...input,
    requestHash,
    id: `${input.origin.kind}.${originName(input.origin)}.${suffix}`,
    owner: withPlainAddress(input.owner),
    state: "open",
    missedOn: [],
    closedAt: null,
    ...{ createdAt: at, createdBy: by, updatedAt: at, updatedBy: by },
    version: 1,
  };
}

/** The next version. Its due day moves at most while it is open; one that has passed by then is noted as missed. */
export function changedAction(action: Action, change: ActionChange, { at, by, today }: Stamp): Action {
  const missed = change.dueOn !== action.dueOn && action.dueOn < today;
  return {
    ...action,
    ...change,
    owner: withPlainAddress(change.owner),
    missedOn: missed ? [...new Set([...action.missedOn, action.dueOn])] : action.missedOn,
    closedAt: change.state === "open" ? null : change.state === action.state ? action.closedAt : at,
    ...{ updatedAt: at, updatedBy: by },
    version: action.version + 1,
  };
}

function withPlainAddress({ name, email }: Action["owner"]): Action["owner"] {
  return { name, email: email.toLowerCase() };
}
