import { DomainError } from "../errors.ts";
import { expectedVersion } from "../http/if-match.ts";
import type { Handlers } from "../http/router.ts";
import type { taskRoutes } from "../http/routes/tasks.ts";
import type { Table } from "../table/client.ts";
import { type Task, withState } from "./task.ts";
import { getTask, listTasks, replaceTask } from "./task-store.ts";

/** The staff API's handlers of tasks. */
export function taskHandlers({
  table,
  now,
}: {
  readonly table: Table;
  readonly now: () => Date;
}): Handlers<typeof taskRoutes> {
  return {
    async listTasks({ query }) {
      const { items, nextCursor } = await listTasks(table, query);
      return { status: 200, body: { items: items.map(viewOf), nextCursor } };
    },

    async patchTask({ params: { id }, body, headers, caller }) {
      const task = await getTask(table, id);
      if (task === undefined) throw new DomainError("not_found", `There is no task ${id}.`);
      const expected = expectedVersion(headers["if-match"]);
      if (expected !== undefined && expected !== task.version) {
        const how = `yours was ${expected}. Read it again before you change it.`;
        throw new DomainError("version_conflict", `The task is now at version ${task.version}; ${how}`);
      }
      const next = withState(task, body.state, caller?.username ?? "unknown", now().toISOString());
      if (next !== task) await replaceTask(table, next);
      return { status: 200, body: viewOf(next), headers: { etag: `"${next.version}"` } };
    },
  };
}

function viewOf(task: Task) {
  return { ...task, doneAt: task.doneAt ?? null, doneBy: task.doneBy ?? null };
}
