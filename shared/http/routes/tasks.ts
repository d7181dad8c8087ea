import * as z from "zod/mini";
import { taskIdSchema, taskStates } from "../../tasks/task.ts";
import { defineRoutes } from "../route.ts";
import { colleagues } from "./staff-access.ts";

const staff = { api: "staff", function: "staff", tag: "Tasks", security: "jwt" } as const;
const instant = z.iso.datetime();
const task = z.object({
  id: z.string(),
  title: z.string(),
  owner: z.string(),
  contactId: z.string(),
  dueAt: instant,
  state: z.enum(taskStates),
  journeyId: z.string(),
  stepId: z.string(),
  createdAt: instant,
  doneAt: z.nullable(instant),
  doneBy: z.nullable(z.string()),
  version: z.number(),
});

export const taskRoutes = defineRoutes([
  {
    ...staff,
    scopes: ["rapport/read"],
    roles: colleagues,
    operationId: "listTasks",
    method: "GET",
    path: "/v1/tasks",
    summary: "A colleague's tasks, what is due first",
    query: z.object({
      /** The colleague's e-mail address. */
      owner: z.email().check(z.maxLength(254)),
      state: z._default(z.enum(taskStates), "open"),
      limit: z._default(z.coerce.number<string>().check(z.int(), z.gte(1), z.lte(100)), 25),
      cursor: z.optional(z.string()),
    }),
    responses: {
      200: {
        description: "A page.",
        schema: z.object({ items: z.array(task), nextCursor: z.nullable(z.string()) }),
      },
    },
  },
  {
    ...staff,
    scopes: ["rapport/write"],
    roles: colleagues,
    operationId: "patchTask",
    method: "PATCH",
    path: "/v1/tasks/{id}",
    summary: "Mark a task as done, or open it again",
    description:
      "With `If-Match` only if it is at that version still. A task that is in the state already stays as it is.",
    params: z.object({ id: taskIdSchema }),
    body: z.strictObject({ state: z.enum(taskStates) }),
    responses: { 200: { description: "The task; its version is the ETag too.", schema: task } },
  },
]);
