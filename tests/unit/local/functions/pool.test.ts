import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import type { FunctionModel } from "../../../../local/assembly/model.ts";
import type { FunctionPool } from "../../../../local/functions/pool.ts";
import { bundle, functionOf, poolOf, projectFolder, temporaryFolder } from "./fixture.ts";

const open: FunctionPool[] = [];

function start(functions: readonly FunctionModel[], options: Parameters<typeof poolOf>[1] = {}) {
  const parts = poolOf(functions, options);
  open.push(parts.pool);
  return { ...parts, call: (name: string, event: unknown = {}) => parts.pool.invoke(name, event, { route: "test" }) };
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((pool) => pool.close()));
});

const repository = projectFolder();
afterAll(() => rmSync(repository, { recursive: true }));

const PID = "exports.handler = async () => process.pid;";

describe("an invocation", () => {
  it("returns what the handler answers, cold first and warm then, in the same process", async () => {
    const { call, gateway } = start([
      functionOf("echo", "exports.handler = async (event) => ({ event, pid: process.pid });"),
    ]);

    const first = await call("echo", { a: [1, "ü"] });
    const second = await call("echo", { b: 2 });

    expect(first).toMatchObject({ payload: { event: { a: [1, "ü"] } }, coldStart: true });
    expect(second).toMatchObject({ payload: { event: { b: 2 } }, coldStart: false });
    expect(first.payload).toHaveProperty("pid", Reflect.get(Object(second.payload), "pid"));
    expect(gateway.calls).toEqual(["issue echo", "begin KEY1 test", "end KEY1", "begin KEY1 test", "end KEY1"]);
  });

  it.each([
    ["an ES module", { file: "index.mjs" }, "export const handler = async () => 'yes';"],
    ["a .cjs file", { file: "index.cjs" }, "exports.handler = async () => 'yes';"],
    [
      "a callback",
      {},
      "exports.handler = (event, context, callback) => { setTimeout(() => callback(null, 'yes'), 5); };",
    ],
    ["a plain return", {}, "exports.handler = () => 'yes';"],
    ["a nested export", { handler: "index.api.run" }, "exports.api = { run: async () => 'yes' };"],
  ])("takes %s", async (_, overrides, source) => {
    const { call } = start([functionOf("one", source, overrides)]);

    expect(await call("one")).toMatchObject({ payload: "yes" });
  });

  it("gives null for an answer of undefined", async () => {
    const { call } = start([functionOf("none", "exports.handler = async () => undefined;")]);

    expect((await call("none")).payload).toBeNull();
  });

  it("counts CPU, duration and import for the meter", async () => {
    const source = `const until = Date.now() + 60; while (Date.now() < until);
      exports.handler = async () => { const end = process.cpuUsage().user + 80_000; while (process.cpuUsage().user < end); };`;
    const { call, gateway } = start([functionOf("busy", source)]);

    const result = await call("busy");

    expect(result.cpuMs).toBeGreaterThanOrEqual(79);
    expect(result.durationMs).toBeGreaterThanOrEqual(79);
    expect(gateway.measures).toMatchObject([{ function: "busy", route: "test", memoryMb: 128, coldStart: true }]);
    expect(gateway.measures[0]?.initMs).toBeGreaterThanOrEqual(59);
    await call("busy");
    expect(gateway.measures[1]).not.toHaveProperty("initMs");
  });

  it("hands over Lambda's context", async () => {
    const source = `exports.handler = async (event, context) => ({ ...context, remaining: context.getRemainingTimeInMillis(),
      stream: process.env.AWS_LAMBDA_LOG_STREAM_NAME, trace: process.env._X_AMZN_TRACE_ID });`;
    const { call } = start([functionOf("ctx", source)]);

    const { payload } = await call("ctx");

    expect(payload).toMatchObject({
      functionName: "ctx",
      functionVersion: "$LATEST",
      invokedFunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:ctx",
      memoryLimitInMB: "128",
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      logGroupName: "/aws/lambda/ctx",
      logStreamName: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
      callbackWaitsForEmptyEventLoop: true,
      trace: expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}/),
    });
    const { remaining, stream, logStreamName } = Object(payload);
    expect(remaining).toBeGreaterThan(9_000);
    expect(remaining).toBeLessThanOrEqual(10_000);
    expect(stream).toBe(logStreamName);
  });
});

describe("a failure", () => {
  it("that the handler throws is handled, and the process lives on", async () => {
    const source = `class Odd extends Error { name = "OddError"; }
      exports.handler = async (event) => { if (event.fail) throw new Odd("no"); return process.pid; };`;
    const { call, pool } = start([functionOf("odd", source)]);

    const before = await call("odd");
    const failed = await call("odd", { fail: true });
    const after = await call("odd");

    expect(failed.error).toMatchObject({ kind: "handled", type: "OddError", message: "no" });
    expect(failed.error?.trace?.join("\n")).toContain("index.js");
    expect(after.payload).toBe(before.payload);
    expect(pool.logs.tail().find((record) => record.level === "ERROR")?.message).toContain('"errorType":"OddError"');
  });

  it.each([
    ["exits", "process.exit(3)", "Runtime.ExitError", /exit status 3$/],
    ["exits without a reason", "process.exit(0)", "Runtime.ExitError", /without providing a reason$/],
    [
      "is killed",
      "process.kill(process.pid, 'SIGKILL'); await new Promise(() => {})",
      "Runtime.ExitError",
      /signal: killed$/,
    ],
    [
      "throws outside",
      "setTimeout(() => { throw new RangeError('late'); }); await new Promise(() => {})",
      "RangeError",
      /^late$/,
    ],
    [
      "leaves a rejection",
      "Promise.reject(new Error('lost')); await new Promise((r) => setTimeout(r, 1e4))",
      "Runtime.UnhandledPromiseRejection",
      /lost/,
    ],
  ])("is a crash when the process %s, and the next invocation gets a new one", async (_, code, type, message) => {
    const source = `exports.handler = async (event) => { if (event.crash) { ${code} } return process.pid; };`;
    const { call, gateway } = start([functionOf("frail", source)]);

    const before = await call("frail");
    const crashed = await call("frail", { crash: true });
    const after = await call("frail");

    expect(crashed.error).toMatchObject({ kind: "crash", type, message: expect.stringMatching(message) });
    expect(after).toMatchObject({ coldStart: true, payload: expect.any(Number) });
    expect(after.payload).not.toBe(before.payload);
    expect(gateway.calls).toContain("revoke KEY1");
  });

  it.each([
    ["throws at import", "throw new TypeError('bad config');", "TypeError", /bad config/],
    ["has a syntax error", "exports.handler = async ( => {", "Runtime.UserCodeSyntaxError", /SyntaxError/],
    ["lacks the handler", "exports.other = 1;", "Runtime.HandlerNotFound", /index.handler is undefined/],
    ["lacks a module", "require('left-pad-not-there');", "Runtime.ImportModuleError", /left-pad-not-there/],
    ["finds a module only beside the host", "require('vitest');", "Runtime.ImportModuleError", /vitest/],
  ])("at start tells why when the bundle %s", async (_, source, type, message) => {
    const { call } = start([functionOf("broken", "", { codePath: bundle(source, { inside: repository }) })]);

    expect((await call("broken")).error).toMatchObject({
      kind: "crash",
      type,
      message: expect.stringMatching(message),
    });
  });

  it("does not come from the package.json of the folder around the bundle", async () => {
    const source = "module.exports.handler = async () => require('./part.js').part;";
    const codePath = bundle(source, { inside: repository });
    writeFileSync(join(codePath, "part.js"), "exports.part = typeof require;");
    const { call } = start([functionOf("common", "", { codePath })]);

    expect(await call("common")).toMatchObject({ payload: "function" });
  });

  it("is a time-out when the handler is slow or in a busy loop", async () => {
    const source =
      "exports.handler = async (event) => { while (event.loop); await new Promise(() => setTimeout(() => {}, 1e5)); };";
    const { call } = start([functionOf("slow", source, { timeoutSeconds: 1 })]);

    const [waiting, looping] = await Promise.all([call("slow"), call("slow", { loop: true })]);

    for (const result of [waiting, looping]) {
      expect(result.error).toMatchObject({
        kind: "timeout",
        type: "Sandbox.Timedout",
        message: expect.stringMatching(/^RequestId: [0-9a-f-]{36} Error: Task timed out after 1\.00 seconds$/),
      });
      expect(result.durationMs).toBeGreaterThanOrEqual(995);
    }
  });

  it("is a crash when the heap outgrows the memory size", async () => {
    const source =
      "exports.handler = async () => { const all = []; for (;;) all.push(new Array(10_000).fill({}).map((x, i) => ({ i }))); };";
    const { call } = start([functionOf("greedy", source)]);

    expect((await call("greedy")).error).toMatchObject({ kind: "crash", type: "Runtime.ExitError" });
  });

  it("comes at once when the gateway asks for a crash", async () => {
    const source =
      "exports.handler = async (event) => { console.log('in'); await new Promise((r) => setTimeout(r, 1e5)); };";
    const { pool, gateway, call } = start([functionOf("victim", source)]);
    const reached = new Promise<void>((resolve) => {
      pool.logs.subscribe((record) => record.message === "in" && resolve());
    });

    const pending = call("victim");
    await reached;
    gateway.crash("KEY1");

    expect((await pending).error).toMatchObject({ kind: "crash", message: expect.stringMatching(/signal: killed$/) });
  });

  it("is refused when the event or the answer is beyond Lambda's limit", async () => {
    const { call } = start([functionOf("big", "exports.handler = async (event) => 'x'.repeat(event.size ?? 0);")]);

    expect((await call("big", { text: "x".repeat(6_291_456) })).error?.type).toBe("RequestEntityTooLargeException");
    expect((await call("big", { size: 6_291_556 })).error?.type).toBe("Function.ResponseSizeTooLarge");
    expect((await call("big", { size: 6_000_000 })).error).toBeUndefined();
    expect((await call("missing")).error?.type).toBe("ResourceNotFoundException");
  });
});

describe("concurrency", () => {
  const gate = "exports.handler = async () => { await new Promise((r) => setTimeout(r, 50)); return process.pid; };";

  it("gives each concurrent execution its own process and reuses the newest idle one", async () => {
    const { call, gateway } = start([functionOf("many", gate)]);

    const pids = (await Promise.all([call("many"), call("many"), call("many")])).map((result) => result.payload);
    expect(new Set(pids).size).toBe(3);

    const begun = gateway.calls
      .filter((line) => line.startsWith("end "))
      .at(-1)
      ?.slice("end ".length);
    await call("many");
    expect(gateway.calls.at(-1)).toBe(`end ${begun}`);
  });

  it("refuses what is above the reserved concurrency", async () => {
    const { call, pool } = start([functionOf("few", gate, { reservedConcurrency: 1 })]);

    const first = call("few");
    expect(pool.running("few")).toBe(1);
    expect(await pool.idle()).toBe(false);
    const second = await call("few");

    expect(second.error).toMatchObject({ kind: "throttle", type: "TooManyRequestsException" });
    expect((await first).error).toBeUndefined();
    expect(await pool.idle()).toBe(true);
    expect((await call("few")).error).toBeUndefined();
  });

  it("lets invocations wait at the cap and makes room for another function", async () => {
    const { call } = start([functionOf("a", gate), functionOf("b", PID)], { maxProcesses: 2 });

    const all = await Promise.all([call("a"), call("a"), call("a"), call("a"), call("b")]);

    expect(all.every((result) => typeof result.payload === "number")).toBe(true);
    expect(new Set(all.slice(0, 4).map((result) => result.payload)).size).toBe(2);
  });

  it("ends processes that nobody has used for a while", async () => {
    const { call, gateway, pool } = start([functionOf("rare", PID)], { idleMs: 100 });
    const first = await call("rare");

    await expect.poll(() => gateway.calls.includes("revoke KEY1")).toBe(true);

    expect((await call("rare")).payload).not.toBe(first.payload);
    expect(pool.running("rare")).toBe(0);
  });
});

describe("the environment of a process", () => {
  it("is the template's and Lambda's, and nothing of the host's", async () => {
    process.env.HOST_SECRET = "leak";
    const { call } = start([
      functionOf("env", "exports.handler = async () => process.env;", {
        environment: { TABLE_NAME: "t1" },
        memoryMb: 256,
      }),
    ]);

    const environment = Object((await call("env")).payload);
    delete process.env.HOST_SECRET;

    expect(environment).toMatchObject({
      TABLE_NAME: "t1",
      AWS_ENDPOINT_URL_DYNAMODB: "http://127.0.0.1:4001",
      AWS_ENDPOINT_URL_SQS: "http://127.0.0.1:4001",
      AWS_ENDPOINT_URL_SES: "http://127.0.0.1:4001",
      AWS_ACCESS_KEY_ID: "KEY1",
      AWS_REGION: "us-east-1",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256",
      _HANDLER: "index.handler",
      TZ: "UTC",
    });
    const known = /^(AWS_|LAMBDA_|_HANDLER$|_X_AMZN_TRACE_ID$|TZ$|LANG$|PATH$|TABLE_NAME$)/;
    expect(Object.keys(environment).filter((key) => !known.test(key))).toEqual([]);
  });
});

describe("time", () => {
  it("follows the host's clock, also while a handler runs", async () => {
    const source = `const loaded = new Date();
      exports.handler = async (event) => { console.log("at"); if (event.wait) await new Promise((r) => setTimeout(r, 200));
        return { now: Date.now(), loaded: loaded.getTime() }; };`;
    const { call, clock, pool } = start([functionOf("time", source)]);
    const day = 86_400_000;
    clock.set(day);

    const first = Object((await call("time")).payload);
    expect(first.loaded - Date.now()).toBeGreaterThan(day - 20_000);
    expect(Math.abs(first.now - Date.now() - day)).toBeLessThan(20_000);

    const reached = new Promise<void>((resolve) => {
      pool.logs.subscribe((record) => record.message === "at" && resolve());
    });
    const waiting = call("time", { wait: true });
    await reached;
    clock.set(3 * day);
    expect(Object((await waiting).payload).now - Date.now()).toBeGreaterThan(3 * day - 20_000);
  });
});

describe("logs", () => {
  it("keep JSON lines, wrap others, know their request and reach the file and the meter", async () => {
    const source = `exports.handler = async (event, context) => {
      process.stdout.write(JSON.stringify({ level: "WARN", message: "kept", function_request_id: context.awsRequestId, n: 1 }) + "\\n");
      process.stdout.write("plain text\\n"); process.stderr.write("ouch\\n"); console.info("hello %s", "you", { a: 1 });
      return context.awsRequestId; };`;
    const logDirectory = temporaryFolder();
    const { call, pool, gateway } = start([functionOf("talk", source)], { logDirectory });

    const { payload: requestId } = await call("talk");

    const records = pool.logs.tail({ function: "talk" });
    const seen = records.map(({ kind, level, message }) => [kind, level, message]);
    expect(seen[0]).toEqual(["platform", "INFO", `START RequestId: ${requestId} Version: $LATEST`]);
    expect(seen).toContainEqual(["function", "WARN", "kept"]);
    expect(seen).toContainEqual(["function", "INFO", "plain text"]);
    expect(seen).toContainEqual(["function", "ERROR", "ouch"]);
    expect(seen).toContainEqual(["function", "INFO", "hello you { a: 1 }"]);
    expect(seen.at(-2)).toEqual(["platform", "INFO", `END RequestId: ${requestId}`]);
    expect(seen.at(-1)?.[2]).toMatch(/^REPORT RequestId: .*\tDuration: [\d.]+ ms\t.*\tInit Duration: /);
    expect(records.every((record) => record.requestId === requestId)).toBe(true);
    expect(records.find((record) => record.message === "kept")?.data).toMatchObject({ n: 1 });
    expect(pool.logs.tail({ function: "other" })).toEqual([]);
    expect(gateway.bytes.get("talk")).toBeGreaterThan(records.length * 26);

    await pool.close();
    const written = readFileSync(join(logDirectory, "host.jsonl"), "utf8").trim().split("\n");
    expect(written.map((line) => JSON.parse(line))).toEqual(records);
  });
});
