import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkJava, parseJavaVersion } from "../../../../local/engines/java.ts";

describe("the Java that the table engine needs", () => {
  it.each([
    ['openjdk version "17.0.15" 2025-04-15', 17],
    ['java version "1.8.0_402"', 8],
    ['openjdk version "21" 2023-09-19', 21],
    ['openjdk version "25-ea" 2025-09-16', 25],
    ["not java at all", 0],
  ])("is read from %s", (output, version) => {
    expect(parseJavaVersion(output)).toBe(version);
  });

  it("is asked for in one sentence when it is missing", async () => {
    await expect(checkJava("/nowhere/java")).rejects.toThrow(
      /needs Java, and "\/nowhere\/java" does not run: install a Java runtime/,
    );
  });

  it("is refused in one sentence when it is too old", async () => {
    const java = join(mkdtempSync(join(tmpdir(), "java-")), "java");
    writeFileSync(java, `#!/bin/sh\necho 'openjdk version "11.0.2"' >&2\n`);
    chmodSync(java, 0o755);
    await expect(checkJava(java)).rejects.toThrow(
      /needs Java 17, and ".*" is version 11: install a Java runtime, version 17 or newer/,
    );
  });
});
