import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BundleStore } from "../../infra/bundle-store.ts";

let root: string;
const code = Buffer.from("exports.handler = 1;");
const metafile = {
  inputs: { "a.ts": { bytes: 1, imports: [] }, "node_modules/p/p.js": { bytes: 1, imports: [] } },
  outputs: {},
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "rapport-bundles-"));
  mkdirSync(join(root, "node_modules"));
  writeFileSync(join(root, "package-lock.json"), "lock 1");
  writeFileSync(join(root, "a.ts"), "source 1");
});
afterEach(() => rmSync(root, { recursive: true }));

describe("the store of bundles", () => {
  test("recalls a bundle while nothing that went into it has changed", () => {
    const kept = new BundleStore(root, "settings").keep("a.ts", code, metafile);
    expect(new BundleStore(root, "settings").recall("a.ts")).toMatchObject(kept);
    expect(readFileSync(join(kept.directory, "index.js"))).toEqual(code);
  });

  test.each([
    ["its source changed", () => writeFileSync(join(root, "a.ts"), "source 2"), "settings"],
    ["its source is gone", () => rmSync(join(root, "a.ts")), "settings"],
    ["a package changed", () => writeFileSync(join(root, "package-lock.json"), "lock 2"), "settings"],
    ["the settings changed", () => undefined, "other settings"],
    ["somebody removed the code", () => rmSync(join(root, ".rapport"), { recursive: true }), "settings"],
  ])("does not when %s", (_case, change, settings) => {
    new BundleStore(root, "settings").keep("a.ts", code, metafile);
    change();
    expect(new BundleStore(root, settings).recall("a.ts")).toBeUndefined();
  });

  test("keeps the same code once, whoever comes second", () => {
    const store = new BundleStore(root, "settings");
    const first = store.keep("a.ts", code, metafile);
    expect(store.keep("b.ts", code, metafile).directory).toBe(first.directory);
  });
});
