import { beforeEach, describe, expect, it } from "vitest";
import { type Action, changedAction, newActionSchema, type Stamp } from "../../../shared/actions/action.ts";
import { actionHandlers } from "../../../shared/actions/action-handlers.ts";
import { readActionHistory } from "../../../shared/actions/action-store.ts";
import type { Table } from "../../../shared/table/client.ts";
import type { Page } from "../../../shared/table/query-page.ts";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";
import { itemsOf } from "../../support/table-contents.ts";

const timeZone = "Europe/Berlin";
const mia = { name: "Mia", email: "mia@example.com" };
const origin = { kind: "theme", theme: "delivery", period: "month", start: "2026-10-01" } as const;
const promise = { what: "Ask the courier", owner: mia, dueOn: "2026-11-20", notes: "", origin };

let table: Table;
let at: string;
beforeEach(async () => {
  table = await createTestTable(engine.url);
  at = "2026-11-16T12:00:00.000Z";
});

interface Asked {
  readonly id?: string;
  readonly body?: object;
  readonly query?: object;
  readonly headers?: object;
}

function request({ id = "", body = {}, query = {}, headers = {} }: Asked): never {
  return { params: { id }, query, body, headers, caller: { username: "tom", subject: "tom" } } as never;
}

const handlers = () => actionHandlers({ table, timeZone, now: () => new Date(at) });
let keys = 0;
async function enter(more: object = {}, key = `idempotency-key-${++keys}`): Promise<Action> {
  const body = { ...promise, ...more };
  return (await handlers().createAction(request({ body, headers: { "idempotency-key": key } }))).body as Action;
}
const change = ({ id, version, what, owner, dueOn, notes, state }: Action, more: object) =>
  handlers().putAction(
    request({ id, body: { what, owner, dueOn, notes, state, ...more }, headers: { "if-match": `"${version}"` } }),
  );
const pageOf = async (query: object) =>
  (await handlers().listActions(request({ query: { limit: 25, ...query } }))).body as Page<Action>;
const listed = async (query: object) => (await pageOf(query)).items.map(({ what }) => what);

describe("an action", () => {
  it.each([
    ["a day that does not exist", { dueOn: "2026-02-30" }, "dueOn", "no date that exists"],
    ["an owner without an address", { owner: { name: "Mia" } }, "owner.email", "expected string"],
    ["an owner with a bad one", { owner: { name: "Mia", email: "mia" } }, "owner.email", "email"],
    ["nothing to do", { what: "  " }, "what", "Too small"],
    ["an origin of no kind", { origin: { kind: "whim" } }, "origin.kind", "Invalid"],
  ])("with %s is refused", (_, wrong, path, message) => {
    const { error } = newActionSchema.safeParse({ ...promise, ...wrong });
    expect(error?.issues.map((issue) => [issue.path.join("."), issue.message])).toEqual([
      [path, expect.stringMatching(new RegExp(`${message}|Invalid input`))],
    ]);
  });

  it.each([
    ["a due day that has passed", { dueOn: "2026-11-15" }, "/dueOn"],
    ["a theme that nobody knows", { origin: { ...origin, theme: "weather" } }, "/origin/theme"],
    ["a start that begins no period", { origin: { ...origin, start: "2026-10-02" } }, "/origin/start"],
    ["a period that has not begun", { origin: { ...origin, start: "2026-12-01" } }, "/origin/start"],
  ])("with %s is refused, and nothing saved", async (_, wrong, pointer) => {
    await expect(enter(wrong)).rejects.toMatchObject({ code: "invalid_input", errors: [{ pointer }] });
    expect(await itemsOf(table, "action")).toEqual([]);
  });

  it("is entered once by its key, as it is now; another by the same key is refused", async () => {
    const first = await enter({}, "the-one-and-only-key");
    await change(first, { state: "done" });
    expect(await enter({}, "the-one-and-only-key")).toMatchObject({ id: first.id, state: "done", version: 2 });
    await expect(enter({ what: "Other" }, "the-one-and-only-key")).rejects.toMatchObject({
      code: "idempotency_key_reused",
    });
    expect(await itemsOf(table, "action")).toHaveLength(1);
  });

  it("keeps each change, made from the version that stands", async () => {
    const first = await enter({ owner: { name: "Mia", email: "Mia@Example.com" } });
    expect(first).toMatchObject({ owner: mia, state: "open", version: 1, createdBy: "tom" });
    expect(first).not.toHaveProperty("requestHash");
    await change(first, { notes: "They call back." });
    await expect(change(first, { notes: "Lost" })).rejects.toMatchObject({ code: "version_conflict" });
    const { items } = await readActionHistory(table, first.id, { limit: 25 });
    expect(items.map(({ version, notes }) => [version, notes])).toEqual([
      [2, "They call back."],
      [1, ""],
    ]);
    const page = await readActionHistory(table, first.id, { limit: 1 });
    const rest = await readActionHistory(table, first.id, { limit: 5, cursor: page.nextCursor ?? "" });
    expect(rest.items.map(({ version }) => version)).toEqual([1]);
  });

  it("is listed by state, by owner and by theme, what is due first first", async () => {
    const late = await enter({ what: "late", dueOn: "2026-12-24" });
    await enter({ what: "soon", dueOn: "2026-11-17" });
    await enter({ what: "tom's", owner: { name: "Tom", email: "tom@example.com" } });
    await enter({ what: "price", dueOn: "2026-11-30", origin: { ...origin, theme: "price" } });
    await change(late, { state: "dropped" });
    expect(await listed({})).toEqual(["soon", "tom's", "price"]);
    expect(await listed({ state: "dropped" })).toEqual(["late"]);
    expect(await listed({ owner: "TOM@example.com" })).toEqual(["tom's"]);
    expect((await listed({ theme: "delivery" })).sort()).toEqual(["late", "soon", "tom's"]);
    expect(await listed({ theme: "delivery", state: "dropped" })).toEqual(["late"]);
    const { nextCursor } = await pageOf({ limit: 2 });
    expect(await listed({ cursor: nextCursor })).toEqual(["price"]);
    await expect(listed({ cursor: "eyJhIjoxfQ" })).rejects.toMatchObject({ code: "invalid_input" });
  });

  it("moves its due day only while it is open, and never into the past", async () => {
    const first = await enter();
    await expect(change(first, { dueOn: "2026-11-01" })).rejects.toMatchObject({ errors: [{ pointer: "/dueOn" }] });
    const done = (await change(first, { state: "done" })).body as Action;
    await expect(change(done, { dueOn: "2026-12-01" })).rejects.toMatchObject({ errors: [{ pointer: "/dueOn" }] });
    expect(done.closedAt).toBe(at);
  });
});

describe("a change of an action", () => {
  const open: Action = {
    ...{ id: "x", what: "x", owner: mia, dueOn: "2026-11-20", notes: "", state: "open", origin, missedOn: [] },
    ...{ closedAt: null, createdAt: "", createdBy: "", updatedAt: "", updatedBy: "", version: 1, requestHash: "" },
  };
  const done: Action = { ...open, state: "done", closedAt: "2026-11-19T10:00:00.000Z" };
  const stamp = (today: string): Stamp => ({ at: `${today}T09:00:00.000Z`, by: "tom", today });

  it.each([
    ["moved before its day is over, misses nothing", open, { dueOn: "2026-12-01" }, "2026-11-20", [], null],
    ["moved after it has missed it", open, { dueOn: "2026-12-01" }, "2026-11-21", ["2026-11-20"], null],
    ["done says when", open, { state: "done" }, "2026-11-20", [], "2026-11-20T09:00:00.000Z"],
    ["that is done already keeps when", done, { notes: "x" }, "2026-11-25", [], done.closedAt],
    ["opened again is closed no more", done, { state: "open" }, "2026-11-25", [], null],
  ] as const)("that is %s", (_, action, more, today, missedOn, closedAt) => {
    const { what, owner, dueOn, notes, state } = action;
    const next = changedAction(action, { what, owner, dueOn, notes, state, ...more }, stamp(today));
    expect([next.missedOn, next.closedAt, next.version]).toEqual([missedOn, closedAt, 2]);
  });
});
