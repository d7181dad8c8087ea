import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { defaultProvider } from "../../infra/aliases/credential-provider.ts";
import { bundle } from "../../infra/bundle.ts";
import type { FunctionSettings } from "../../infra/function-settings.ts";
import { functions } from "../../infra/functions.ts";

describe.each(Object.entries<FunctionSettings>(functions))("the bundle of %s", (_name, { entry, browser }) => {
  const { directory, hash, bytes, metafile } = bundle(entry, browser);
  const code = readFileSync(join(directory, "index.js"), "utf8");

  test("is one CommonJS file that says so, without a source map", () => {
    expect(readFileSync(join(directory, "package.json"), "utf8")).toBe('{"type":"commonjs"}\n');
    expect(code).not.toContain("sourceMappingURL");
    expect(Buffer.byteLength(code)).toBe(bytes);
    expect(directory).toContain(hash);
  });

  test("brings no part of the SDK that its functions never reach", () => {
    const inputs = Object.keys(metafile.inputs).join("\n");
    expect(inputs).not.toMatch(/mnemonist|endpoint-cache|submodules\/checksum\//);
    expect(inputs).not.toMatch(/credential-provider-(node|ini|sso|process|http)\//);
    expect(inputs).not.toContain("submodules/event-streams/");
    expect(inputs).not.toMatch(/client-dynamodb\/dist-es\/(schemas|endpoint|runtimeConfig)/);
  });

  test("has the handler that Lambda asks for", () => {
    // The handler parses its environment when it loads; only the names that it exports are asked for here.
    expect(code).toMatch(/handler:\(\)=>/);
  });
});

test("the door is light: at most 200 KB, without the endpoint rules of other clients than the table's", () => {
  const { bytes, metafile } = bundle(functions.intake.entry);
  const taken = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs));
  expect(taken).toContain("infra/aliases/dynamodb/client.ts");
  expect(taken.filter((path) => /util-endpoints|submodules\/(endpoints|config)\//.test(path))).toEqual([]);
  expect(bytes / 1024).toBeLessThanOrEqual(200);
});

test("the same source gives the same asset", async () => {
  const { entry } = functions.intake;
  const first = bundle(entry);
  vi.resetModules();
  const again = await import("../../infra/bundle.ts");
  expect(again.bundle(entry)).toMatchObject({ hash: first.hash, directory: first.directory });
});

test("an entry file that is not there is named in the error", () => {
  expect(() => bundle("functions/api/none.ts")).toThrow("functions/api/none.ts");
});

describe("the environment's credentials", () => {
  test("are the role's, as Lambda hands them on", async () => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", "key");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
    vi.stubEnv("AWS_SESSION_TOKEN", "token");
    expect(await defaultProvider()()).toEqual({ accessKeyId: "key", secretAccessKey: "secret", sessionToken: "token" });
    vi.unstubAllEnvs();
  });

  test("fail by name when they are not there", async () => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", undefined);
    await expect(defaultProvider()()).rejects.toThrow("AWS_ACCESS_KEY_ID");
    vi.unstubAllEnvs();
  });
});
