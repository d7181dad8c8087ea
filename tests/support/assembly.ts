import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A copy of an assembly whose functions find other values in their environment, as another configuration would deploy them. */
export function assemblyWith(assembly: string, variables: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), "rapport-assembly-"));
  cpSync(assembly, folder, { recursive: true });
  const missing = new Set(Object.keys(variables));
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".template.json"))) {
    let template = readFileSync(join(folder, name), "utf8");
    for (const [variable, value] of Object.entries(variables)) {
      const before = new RegExp(`"${variable}": *"(?:[^"\\\\]|\\\\.)*"`, "g");
      if (before.test(template)) missing.delete(variable);
      template = template.replace(before, () => `"${variable}": ${JSON.stringify(value)}`);
    }
    writeFileSync(join(folder, name), template);
  }
  if (missing.size > 0) throw new Error(`no function has ${[...missing].join(", ")}`);
  return { assembly: folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
