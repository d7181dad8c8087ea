import * as z from "zod/mini";
import { contactPk } from "../events/event-keys.ts";
import type { Key } from "../table/item.ts";

export const taskStates = ["open", "done"] as const;
export type TaskState = (typeof taskStates)[number];

/** Something that a colleague is to do about a contact. */
export const taskSchema = z.object({
  id: z.string(),
  title: z.string(),
  /** The colleague's e-mail address, in small letters. */
  owner: z.string(),
  contactId: z.string(),
  dueAt: z.string(),
  state: z.enum(taskStates),
  /** The journey and the step that made it. */
  journeyId: z.string(),
  stepId: z.string(),
  createdAt: z.string(),
  doneAt: z.optional(z.string()),
  doneBy: z.optional(z.string()),
  version: z.number(),
});
export type Task = z.infer<typeof taskSchema>;

export const taskIdSchema = z.string().check(z.regex(/^[0-9a-f]{32}$/, "a task's id"));

export function taskKey(id: string): Key {
  return { pk: `TASK#${id}`, sk: "TASK" };
}

/** Names the task in its contact's own partition: erasure and export find it there, since the index lists it by its owner. */
export function taskReferenceKey({ contactId, id }: Pick<Task, "contactId" | "id">): Key {
  return { pk: contactPk(contactId), sk: `TASK#${id}` };
}

/** The index's partition of a colleague's tasks in one state. */
export function listPk(owner: string, state: TaskState): string {
  return `TASKS#${owner.toLowerCase()}#${state}`;
}

/** What is due first comes first. */
export function listSk({ dueAt, id }: Pick<Task, "dueAt" | "id">): string {
  return `${dueAt}#${id}`;
}
export const listSkPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z#[0-9a-f]{32}$/;

/** The task in another state; the same one when it is in it already. */
export function withState(task: Task, state: TaskState, by: string, now: string): Task {
  if (task.state === state) return task;
  const { doneAt: _doneAt, doneBy: _doneBy, ...rest } = task;
  return { ...rest, state, version: task.version + 1, ...(state === "done" && { doneAt: now, doneBy: by }) };
}
