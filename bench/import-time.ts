import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { resourcesIn } from "./assembly.ts";
import { atMost, type Figure, plain, quantile } from "./figure.ts";

const runs = 15;

/** A function's bundle and the environment that its template gives it. */
export interface FunctionBundle {
  readonly name: string;
  readonly file: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Size and import time of each function's bundle; times are the median of fresh processes, over an empty module. */
export function measureImports(bundles: readonly FunctionBundle[]): readonly Figure[] {
  const folder = mkdtempSync(join(tmpdir(), "rapport-bench-"));
  try {
    const empty = join(folder, "index.js");
    writeFileSync(empty, "exports.handler = async () => undefined;\n");
    const floor = importMs({ name: "empty", file: empty, environment: {} });
    return bundles.flatMap((bundle) => {
      const { name } = bundle;
      const kilobytes = statSync(bundle.file).size / 1024;
      const milliseconds = importMs(bundle) - floor;
      if (!name.endsWith("intake")) {
        return [plain(`${name}: bundle`, kilobytes, "KB"), plain(`${name}: import over empty`, milliseconds, "ms")];
      }
      return [
        atMost(`${name}: bundle`, kilobytes, "KB", 200),
        atMost(`${name}: import over empty`, milliseconds, "ms", 40),
      ];
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function importMs({ file, environment }: FunctionBundle): number {
  const program = `const t = performance.now(); require(${JSON.stringify(file)}); console.log(performance.now() - t)`;
  const env = { ...environment, AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "bench", AWS_SECRET_ACCESS_KEY: "bench" };
  const once = () => Number(execFileSync(process.execPath, ["-e", program], { encoding: "utf8", env }));
  return quantile(Array.from({ length: runs }, once), 0.5);
}

const functionSchema = z.object({
  Type: z.literal("AWS::Lambda::Function"),
  Properties: z.object({
    FunctionName: z.string(),
    Handler: z.string(),
    Code: z.object({ S3Key: z.string() }),
    Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }),
  }),
});

/** The bundles of a synthesized assembly. What a template leaves open is a URL in every environment that we have. */
export function bundlesIn(assembly: string): readonly FunctionBundle[] {
  return resourcesIn(assembly).flatMap((resource) => {
    const parsed = functionSchema.safeParse(resource);
    if (!parsed.success) return [];
    const { FunctionName, Handler, Code, Environment } = parsed.data.Properties;
    const file = join(assembly, `asset.${Code.S3Key.replace(/\.zip$/, "")}`, `${Handler.split(".")[0]}.js`);
    const variables = Object.entries(Environment.Variables).map(([name, value]) => [
      name,
      typeof value === "string" ? value : "https://open.example",
    ]);
    return [{ name: FunctionName, file, environment: Object.fromEntries(variables) }];
  });
}
