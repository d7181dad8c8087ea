import { beforeEach, describe, expect, test } from "vitest";
import type { Table } from "../../../shared/table/client.ts";
import { type Task, withState } from "../../../shared/tasks/task.ts";
import { createTask, getTask, listTasks, replaceTask } from "../../../shared/tasks/task-store.ts";
import { filledTitle, titleSchema } from "../../../shared/tasks/title.ts";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";

describe("a title", () => {
  const facts = { contact: { fields: { firstName: "Ada" } }, event: { total: 42, list: [1] } };
  test.each([
    ["Call {{ contact.fields.firstName }} about {{event.total}}", "Call Ada about 42"],
    ["Call {{ contact.fields.lastName }} now", "Call now"],
    ["{{ event.list }}{{ event.constructor.name }}", ""],
    ["Plain", "Plain"],
  ])("%s reads %s", (title, words) => {
    expect(filledTitle(titleSchema.parse(title), facts)).toBe(words);
  });

  test.each(["", "two\nlines", "{{ account.name }}", "{{ contact.x", "{% if %} }}"])("%j is refused", (title) => {
    expect(titleSchema.safeParse(title).success).toBe(false);
  });
});

describe("tasks", () => {
  let table: Table;
  beforeEach(async () => {
    table = await createTestTable(engine.url);
  });
  const taskOf = (n: number, more: Partial<Task> = {}): Task => ({
    id: String(n).padStart(32, "0"),
    title: `Task ${n}`,
    owner: "kim@shop.example",
    contactId: "c1",
    dueAt: `2026-01-${String(20 - n).padStart(2, "0")}T10:00:00.000Z`,
    state: "open",
    journeyId: "trial",
    stepId: "call",
    createdAt: "2026-01-05T10:00:00.000Z",
    version: 1,
    ...more,
  });
  const list = (more: object = {}) =>
    listTasks(table, { owner: "Kim@shop.example", state: "open", limit: 25, ...more });

  test("are listed by owner and state, what is due first, page by page", async () => {
    for (let n = 1; n <= 5; n++) await createTask(table, taskOf(n));
    await createTask(table, taskOf(6, { owner: "lee@shop.example" }));
    const first = await list({ limit: 3 });
    const second = await list({ limit: 3, cursor: first.nextCursor ?? "" });
    expect([...first.items, ...second.items].map(({ title }) => title)).toEqual(
      [5, 4, 3, 2, 1].map((n) => `Task ${n}`),
    );
    expect(second.nextCursor).toBeNull();
    await expect(list({ cursor: "odd" })).rejects.toMatchObject({ code: "invalid_input" });
  });

  test("are made once: a repeated stage does not open again what is done", async () => {
    await createTask(table, taskOf(1));
    const done = withState(taskOf(1), "done", "kim", "2026-01-06T10:00:00.000Z");
    await replaceTask(table, done);
    await createTask(table, taskOf(1));
    expect(await getTask(table, done.id)).toMatchObject({ state: "done", doneBy: "kim", version: 2 });
    expect(await list()).toMatchObject({ items: [] });
    expect(await list({ state: "done" })).toMatchObject({ items: [{ title: "Task 1" }] });
    expect(withState(done, "done", "lee", "2026-01-07T10:00:00.000Z")).toBe(done);
    expect(withState(done, "open", "lee", "2026-01-07T10:00:00.000Z")).toEqual(taskOf(1, { version: 3 }));
  });

  test("are changed by one of two who read the same version", async () => {
    await createTask(table, taskOf(1));
    const done = withState(taskOf(1), "done", "kim", "2026-01-06T10:00:00.000Z");
    await replaceTask(table, done);
    await expect(replaceTask(table, done)).rejects.toMatchObject({ code: "version_conflict" });
  });
});
