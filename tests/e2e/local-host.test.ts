import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Host, startHost } from "../../local/host.ts";
import { startHostProcess } from "../../local/host-process.ts";
import { synthesizeLocalApp } from "../support/local-app/app.ts";
import { until } from "../support/until.ts";

describe("the local host on a synthesized application", () => {
  let assemblyDirectory: string;
  const dataDirectory = mkdtempSync(join(tmpdir(), "local-host-"));
  let host: Host;

  const start = () => startHost({ assemblyDirectory, dataDirectory, portBase: "random" });
  const api = (path: string, init?: RequestInit) => fetch(`${host.urls.apis.notes}${path}`, init);
  const control = async (method: string, path: string, body?: unknown) => {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(`${host.urls.control}/_local${path}`, { method, ...sent });
    return { status: response.status, body: await response.json() };
  };
  const post = async (to: string, text: string): Promise<string> => {
    const response = await api("/notes", { method: "POST", body: JSON.stringify({ to, text }) });
    expect(response.status).toBe(201);
    return (await response.json()).id;
  };

  beforeAll(async () => {
    assemblyDirectory = synthesizeLocalApp();
    host = await start();
  });

  afterAll(async () => {
    await host?.close();
    rmSync(dataDirectory, { recursive: true, force: true });
    rmSync(assemblyDirectory, { recursive: true, force: true });
  });

  it("carries a post through table, stream, queue and function to a mail", async () => {
    await post("ann@example.com", "hello");
    await host.drain();
    const mails = (await control("GET", "/mail")).body;
    expect(mails).toHaveLength(1);
    expect(mails[0]).toMatchObject({ to: ["ann@example.com"], subject: "A note for you" });
    const raw = await fetch(`${host.urls.control}/_local/mail/${mails[0].messageId}`);
    expect(await raw.text()).toContain("hello");
  });

  it("finds everything again after a restart, and mails nothing twice", async () => {
    const id = await post("ben@example.com", "kept");
    await host.drain();
    const token = await host.token("reader");
    const before = host.clock.now();
    await host.advance(2 * 3_600_000, 3_600_000);
    await host.close();
    host = await start();
    expect(host.clock.now()).toBeGreaterThanOrEqual(before + 2 * 3_600_000);
    await host.drain();
    expect(await (await api(`/notes/${id}`)).json()).toEqual({ text: "kept" });
    const recipients = host.mailbox.list().flatMap(({ to }) => to);
    expect(recipients.toSorted()).toEqual(["ann@example.com", "ben@example.com"]);
    expect(token).toBeDefined();
  });

  it("runs schedules when its clock is moved", async () => {
    const count = async () => {
      await control("POST", "/drain");
      const ticks = (await control("GET", "/meter")).body.functions;
      return (
        Object.entries<{ invocations: number }>(ticks).find(([name]) => name.includes("tick"))?.[1].invocations ?? 0
      );
    };
    const before = await count();
    const { status } = await control("POST", "/clock", { advance: "3h", step: "30m" });
    expect(status).toBe(200);
    expect(await count()).toBe(before + 3);
  });

  it("lets only signed-in people with the scope through the authorizer", async () => {
    const id = await post("cem@example.com", "private");
    expect((await api(`/private/${id}`)).status).toBe(401);
    const { token } = (await control("GET", "/token?user=reader")).body;
    const response = await api(`/private/${id}`, { headers: { authorization: `Bearer ${token}` } });
    expect(response.status).toBe(200);
    await host.drain();
  });

  it("shows no denied call and every grant used", async () => {
    expect((await control("GET", "/denied")).body).toEqual([]);
    const state = (await control("GET", "/state")).body;
    expect(state.queues.every((queue: { visible: number }) => queue.visible === 0)).toBe(true);
    expect(state.outputs["Notes.Url"]).toBe(`${host.urls.apis.notes}/`);
  });

  it("refuses a web page that calls the control endpoint through a browser", async () => {
    const response = await fetch(`${host.urls.control}/_local/drain`, {
      method: "POST",
      headers: { origin: "https://evil.example" },
    });
    expect(response.status).toBe(403);
  });
});

describe("a local host that is killed outright", () => {
  it("leaves no process behind, neither engine nor function", async () => {
    const assembly = synthesizeLocalApp();
    const host = await startHostProcess({ assembly });
    const state = await (await fetch(`${host.controlUrl}/_local/state`)).json();
    const { name } = state.functions[0];
    await fetch(`${host.controlUrl}/_local/invoke`, {
      method: "POST",
      body: JSON.stringify({ function: name, event: {} }),
    });
    const descendants = descendantsOf(host.pid);
    expect(descendants.length).toBeGreaterThanOrEqual(3);
    await host.kill();
    await until(() => descendants.every((pid) => !isRunning(pid)));
    rmSync(assembly, { recursive: true, force: true });
  });
});

/** Process ids of all children and their children. */
function descendantsOf(root: number): number[] {
  const table = execFileSync("ps", ["-eo", "pid=,ppid="], { encoding: "utf8" });
  const rows = table
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const below = (parent: number): number[] =>
    rows.flatMap(([pid = 0, ppid]) => (ppid === parent ? [pid, ...below(pid)] : []));
  return below(root);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
