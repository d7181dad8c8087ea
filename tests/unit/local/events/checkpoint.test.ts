import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createWatermark, openCheckpoints } from "../../../../local/events/checkpoint.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "checkpoints-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("the watermark", () => {
  it("moves only over an unbroken row of confirmations, whatever their order", () => {
    const numbers = Array.from({ length: 8 }, (_, n) => n);
    fc.assert(
      fc.property(fc.shuffledSubarray(numbers), (confirmed) => {
        const watermark = createWatermark();
        for (const n of numbers) watermark.begin(String(n));
        let reached: string | undefined;
        for (const n of confirmed) reached = watermark.confirm(String(n)) ?? reached;
        const firstOpen = numbers.find((n) => !confirmed.includes(n)) ?? numbers.length;
        expect(reached).toBe(firstOpen === 0 ? undefined : String(firstOpen - 1));
      }),
    );
  });

  it("does not care for what it does not know", () => {
    expect(createWatermark().confirm("1")).toBeUndefined();
  });
});

describe("checkpoints", () => {
  it("are there again after a restart", async () => {
    const file = join(folder, "streams", "things.json");
    const checkpoints = openCheckpoints(file);
    for (let n = 0; n < 20; n += 1) {
      checkpoints.set("shard", String(n));
      void checkpoints.flush();
    }
    await checkpoints.flush();
    expect(openCheckpoints(file).get("shard")).toBe("19");
  });

  it("name the broken file and the remedy", async () => {
    const file = join(folder, "broken.json");
    await writeFile(file, "{");
    expect(() => openCheckpoints(file)).toThrow(/broken\.json cannot be read\. Delete it/);
  });
});
