import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const biome = createRequire(import.meta.url).resolve("@biomejs/biome/bin/biome");
const house = realpathSync(mkdtempSync(join(tmpdir(), "rapport-lint-")));
const restricted = "noRestrictedImports";

const imports = (path: string) => `import { x } from "${path}";\nexport const y = x;\n`;
const read = "export const stage = process.env.STAGE;\n";

const wrong: readonly (readonly [file: string, source: string, rule: string])[] = [
  ["functions/api/a.ts", imports("../../infra/app.ts"), restricted],
  ["functions/api/b.ts", imports("../../local/clock.ts"), restricted],
  ["functions/api/c.ts", read, "noProcessEnv"],
  ["shared/kpis/a-store.ts", imports("../../functions/api/a.ts"), restricted],
  ["shared/kpis/b-store.ts", imports("../../infra/names.ts"), restricted],
  ["shared/kpis/c-store.ts", imports("../../local/clock.ts"), restricted],
  ["shared/kpis/d-store.ts", imports("../../scripts/stack.ts"), restricted],
  ["shared/kpis/e-store.ts", imports("../../tests/support/table.ts"), restricted],
  ["shared/kpis/f.ts", imports("@aws-sdk/lib-dynamodb"), restricted],
  ["shared/kpis/g.ts", imports("./a-store.ts"), restricted],
  ["shared/kpis/h.ts", imports("../table/client.ts"), restricted],
  ["shared/kpis/i.ts", imports("../../functions/api/a.ts"), restricted],
  ["shared/kpis/j.ts", read, "noProcessEnv"],
  ["shared/kpis/k.ts", "export const k = (value: any): string => value.name;\n", "noExplicitAny"],
  ["shared/kpis/l.ts", "export const l = (names: string[]): string => names[0]!;\n", "noNonNullAssertion"],
  ["shared/kpis/m.ts", 'import { n } from "./n.ts";\nexport const m = (): string => n();\n', "noImportCycles"],
  ["shared/kpis/n.ts", 'import { m } from "./m.ts";\nexport const n = (): string => m();\n', "noImportCycles"],
  [
    "shared/kpis/o.ts",
    'import { later } from "./later.ts";\nexport function o(): void {\n  later();\n}\n',
    "noFloatingPromises",
  ],
  ["infra/a.ts", imports("../functions/api/a.ts"), restricted],
  ["infra/b.ts", imports("../shared/kpis/kpi.ts"), restricted],
  ["infra/constructs/c.ts", imports("../../shared/kpis/a-store.ts"), restricted],
  ["infra/d.ts", imports("../local/clock.ts"), restricted],
  ["local/a.ts", imports("../shared/table/item.ts"), restricted],
  ["local/events/b.ts", imports("../../infra/names.ts"), restricted],
  ["local/events/c.ts", imports("../../functions/api/intake.ts"), restricted],
  ["local/d.ts", imports("../tests/support/table.ts"), restricted],
  ["web/a.ts", imports("node:crypto"), restricted],
  ["web/journeys/b.ts", imports("../../shared/kpis/a-store.ts"), restricted],
  ["web/c.ts", imports("../functions/api/a.ts"), restricted],
  ["scripts/a.ts", imports("../tests/support/table.ts"), restricted],
  ["bench/a.ts", imports("../tests/support/table.ts"), restricted],
];

const right: readonly (readonly [file: string, source: string])[] = [
  ["functions/api/right.ts", imports("../../shared/kpis/a-store.ts")],
  ["shared/kpis/right-store.ts", imports("@aws-sdk/lib-dynamodb")],
  ["shared/kpis/right-stages.ts", imports("./a-store.ts")],
  ["shared/kpis/right.ts", imports("../table/item.ts")],
  ["shared/kpis/later.ts", "export const later = async (): Promise<void> => {};\n"],
  ["shared/runtime/environment.ts", read],
  ["infra/right.ts", imports("../shared/runtime/environments.ts")],
  ["infra/constructs/right.ts", imports("../../shared/http/routes/intake.ts")],
  ["infra/constructs/functions.ts", imports("../functions.ts")],
  ["local/right.ts", imports("./functions/pool.ts")],
  ["web/journeys/right.ts", imports("../../shared/kpis/right.ts")],
  ["scripts/right.ts", imports("../local/client.ts")],
  ["tests/unit/right.ts", imports("../support/table.ts")],
];

/** The rules that each file breaks. */
const found = new Map<string, readonly string[]>();
beforeAll(() => {
  cpSync("biome.json", join(house, "biome.json"));
  symlinkSync(resolve("node_modules"), join(house, "node_modules"));
  for (const [file, source] of [...wrong, ...right]) {
    mkdirSync(join(house, dirname(file)), { recursive: true });
    writeFileSync(join(house, file), source);
  }
  execFileSync("git", ["init", "-q"], { cwd: house });
  const { stdout } = spawnSync(process.execPath, [biome, "lint", "--reporter=github", "--max-diagnostics=none", "."], {
    cwd: house,
    encoding: "utf8",
  });
  for (const [, rule = "", path = ""] of stdout.matchAll(/title=lint\/\w+\/(\w+),file=([^,]+)/g)) {
    const file = relative(house, path);
    found.set(file, [...(found.get(file) ?? []), rule]);
  }
});
afterAll(() => rmSync(house, { recursive: true, force: true }));

describe("Biome", () => {
  it.each(wrong)("refuses %s", (file, _, rule) => {
    expect(found.get(file) ?? []).toContain(rule);
  });

  it.each(right)("lets %s be", (file) => {
    expect(found.get(file)).toBeUndefined();
  });
});
