import { describe, expect, it } from "vitest";
import { createMeter } from "../../../../local/gateway/meter.ts";

const payer = { function: "intake", route: "POST /v1/track" };

describe("the meter", () => {
  it("counts each fact for its function, its route and the totals", () => {
    const meter = createMeter();
    meter.call(payer, { name: "dynamodb:PutItem", bytesIn: 10, bytesOut: 2 });
    meter.call({ ...payer, route: "stream" }, { name: "dynamodb:PutItem", bytesIn: 1, bytesOut: 1 });
    meter.capacity(payer, [
      { table: "t", readUnits: 0, writeUnits: 1 },
      { table: "t", index: "i", readUnits: 0, writeUnits: 2 },
    ]);
    meter.capacity(payer, [{ table: "t", readUnits: 0.5, writeUnits: 0 }]);
    const { functions, routes, totals } = meter.snapshot();
    expect(functions.intake).toMatchObject({
      calls: { "dynamodb:PutItem": 2 },
      readUnits: 0.5,
      writeUnits: 3,
      bytesIn: 11,
    });
    expect(functions.intake?.capacity).toEqual({
      t: { readUnits: 0.5, writeUnits: 1 },
      "t/index/i": { readUnits: 0, writeUnits: 2 },
    });
    expect(routes["POST /v1/track"]).toMatchObject({ calls: { "dynamodb:PutItem": 1 }, writeUnits: 3 });
    expect(routes.stream).toMatchObject({ calls: { "dynamodb:PutItem": 1 }, writeUnits: 0 });
    expect(totals).toMatchObject({ calls: { "dynamodb:PutItem": 2 }, writeUnits: 3 });
  });

  it.each([
    [0, 1],
    [65_536, 1],
    [65_537, 2],
    [262_144, 4],
  ])("bills SQS %d bytes as %d requests", (bytes, requests) => {
    const meter = createMeter();
    meter.sqs(payer, bytes);
    expect(meter.snapshot().totals.sqsRequests).toBe(requests);
  });

  it("adds up invocations with their memory, start-up included", () => {
    const meter = createMeter();
    const facts = { ...payer, durationMs: 100, cpuMs: 20, memoryMb: 512 };
    meter.invocation({ ...facts, coldStart: true, initMs: 300 });
    meter.invocation({ ...facts, coldStart: false });
    expect(meter.snapshot().functions.intake).toMatchObject({
      invocations: 2,
      coldStarts: 1,
      durationMs: 200,
      initMs: 300,
      cpuMs: 40,
    });
    expect(meter.snapshot().functions.intake?.gbSeconds).toBeCloseTo(0.25);
  });

  it("bills HTTP requests per 512 KB and keeps their statuses", () => {
    const meter = createMeter();
    meter.request({ api: "public", route: "GET /f", status: 200, bytes: 100 });
    meter.request({ api: "public", route: "GET /f", status: 404, bytes: 600_000 });
    expect(meter.snapshot().routes["GET /f"]).toMatchObject({
      httpRequests: 3,
      httpBytes: 600_100,
      statuses: { 200: 1, 404: 1 },
    });
  });

  it("gives snapshots that later facts do not change, and starts afresh after a reset", () => {
    const meter = createMeter();
    meter.logBytes("intake", 5);
    const before = meter.snapshot();
    meter.logBytes("intake", 5);
    meter.mail(payer, 3);
    expect(before.functions.intake?.logBytes).toBe(5);
    expect(meter.snapshot().totals).toMatchObject({ logBytes: 10, sesMessages: 1, sesRecipients: 3 });
    meter.reset();
    expect(meter.snapshot().functions).toEqual({});
    expect(meter.snapshot().totals.logBytes).toBe(0);
  });
});
