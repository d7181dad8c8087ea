import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atMost, type Figure, plain, quantile } from "./figure.ts";

const runs = 15;

/** Size and import time of each function's bundle; times are the median of fresh processes, over an empty module. */
export function measureImports(
  bundles: readonly { readonly name: string; readonly file: string }[],
): readonly Figure[] {
  const folder = mkdtempSync(join(tmpdir(), "rapport-bench-"));
  try {
    const empty = join(folder, "empty.js");
    writeFileSync(empty, "exports.handler = async () => undefined;\n");
    const floor = importMs(empty);
    return bundles.flatMap(({ name, file }) => {
      const kilobytes = statSync(file).size / 1024;
      const milliseconds = importMs(file) - floor;
      if (!name.endsWith("intake"))
        return [plain(`${name}: bundle`, kilobytes, "KB"), plain(`${name}: import over empty`, milliseconds, "ms")];
      return [
        atMost(`${name}: bundle`, kilobytes, "KB", 200),
        atMost(`${name}: import over empty`, milliseconds, "ms", 40),
      ];
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function importMs(file: string): number {
  const program = `const t = performance.now(); try { require(${JSON.stringify(file)}) } catch (e) { if (!/environment/.test(e.message)) throw e } console.log(performance.now() - t)`;
  const times = Array.from({ length: runs }, () =>
    Number(execFileSync(process.execPath, ["-e", program], { encoding: "utf8" })),
  );
  return quantile(times, 0.5);
}

interface Asset {
  readonly Type: string;
  readonly Properties?: { readonly FunctionName?: string; readonly Handler?: string };
  readonly Metadata?: { readonly "aws:asset:path"?: string };
}

/** The bundles of a synthesized assembly. */
export function bundlesIn(assembly: string): readonly { readonly name: string; readonly file: string }[] {
  return readdirSync(assembly)
    .filter((file) => file.endsWith(".template.json"))
    .flatMap((file) => {
      const { Resources }: { Resources: Record<string, Asset> } = JSON.parse(
        readFileSync(join(assembly, file), "utf8"),
      );
      return Object.entries(Resources).flatMap(([id, { Type, Properties, Metadata }]) => {
        const path = Metadata?.["aws:asset:path"];
        if (Type !== "AWS::Lambda::Function" || path === undefined) return [];
        const module = (Properties?.Handler ?? "index.handler").split(".")[0];
        return [{ name: Properties?.FunctionName ?? id, file: join(assembly, path, `${module}.js`) }];
      });
    });
}
