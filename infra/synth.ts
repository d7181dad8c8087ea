import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundle } from "./bundle.ts";
import { loadConfig } from "./config.ts";
import { createApp } from "./context.ts";
import type { FunctionSettings } from "./function-settings.ts";
import { functions } from "./functions.ts";
import { buildRapport } from "./rapport.ts";

/** `npm run synth [-- --stage prod] [--out folder]`: the cloud assembly, offline, and a table of what is in it. */
const root = new URL("..", import.meta.url).pathname;
const { values } = parseArgs({
  options: { stage: { type: "string", default: "dev" }, out: { type: "string", default: join(root, "cdk.out") } },
});

try {
  const started = performance.now();
  rmSync(values.out, { recursive: true, force: true });
  const app = createApp(values.out);
  const stacks = buildRapport(app, loadConfig(values.stage));
  const assembly = app.synth();
  const sizes = keepMetafiles(join(values.out, "bundles"));
  for (const stack of stacks) {
    const resources = Object.keys(assembly.getStackArtifact(stack.artifactId).template.Resources).length;
    console.log(`${stack.stackName.padEnd(32)} ${String(resources).padStart(4)} resources`);
  }
  for (const [name, bytes] of sizes) {
    console.log(`  ${name.padEnd(30)} ${String(Math.round(bytes / 1024)).padStart(4)} KB`);
  }
  console.log(`${values.out} in ${((performance.now() - started) / 1000).toFixed(1)} s`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** esbuild's account of each bundle, beside the templates, for the bench and for questions about size. */
function keepMetafiles(directory: string): [name: string, bytes: number][] {
  mkdirSync(directory, { recursive: true });
  return Object.entries<FunctionSettings>(functions).map(([name, { entry, browser }]) => {
    const { bytes, metafile } = bundle(entry, browser);
    writeFileSync(join(directory, `${name}.json`), JSON.stringify(metafile));
    return [name, bytes];
  });
}
