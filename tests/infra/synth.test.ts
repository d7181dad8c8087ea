import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const script = fileURLToPath(new URL("../../infra/synth.ts", import.meta.url));
let out: string;

beforeAll(() => {
  out = mkdtempSync(join(tmpdir(), "rapport-synth-"));
});
afterAll(() => rmSync(out, { recursive: true }));

/** Without a network or credentials: no proxy leads anywhere, and AWS is not to be found. */
const synth = (...options: string[]) =>
  spawnSync(process.execPath, [script, "--out", out, ...options], {
    encoding: "utf8",
    env: { PATH: "", HOME: out, HTTPS_PROXY: "http://127.0.0.1:9", AWS_EC2_METADATA_DISABLED: "true" },
  });

describe("npm run synth", () => {
  test("writes the cloud assembly offline and tells what is in it", () => {
    const { status, stdout, stderr } = synth("--stage", "dev");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/Rapport-dev-Data +\d+ resources/);
    expect(stdout).toMatch(/intake +\d+ KB/);
    expect(readdirSync(out)).toEqual(expect.arrayContaining(["manifest.json", "Rapport-dev-Api.template.json"]));
    expect(JSON.parse(readFileSync(join(out, "bundles", "intake.json"), "utf8"))).toHaveProperty("inputs");
  });

  test("says in a sentence what is wrong, and fails", () => {
    const { status, stderr } = synth("--stage", "live");
    expect(status).toBe(1);
    expect(stderr).toBe('There is no stage "live" in infra/config.ts; the stages are: dev, prod.\n');
  });
});
