import { existsSync, realpathSync } from "node:fs";
import { registerHooks } from "node:module";
import { sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { RuntimeError } from "./errors.ts";

/** Packages that Lambda's Node runtime brings along. */
const PROVIDED = /^@(aws-sdk|smithy|aws-crypto|aws)\//;

/**
 * Keeps a function to its own bundle. Without this the host's folder would leak in: its package.json would turn `index.js`
 * into an ES module, and a package missing from the bundle would be found beside the host and be missing only on AWS.
 */
export function confineModules(taskRoot: string): void {
  const root = pathToFileURL(realpathSync(taskRoot) + sep).href;
  const isCommonJs = !existsSync(`${taskRoot}/package.json`);
  registerHooks({
    resolve: (specifier, context, next) => {
      const resolved = next(specifier, context);
      const leaves = context.parentURL?.startsWith(root) && resolved.url.startsWith("file:");
      if (leaves && !resolved.url.startsWith(root) && !PROVIDED.test(specifier)) {
        throw new RuntimeError(
          "Runtime.ImportModuleError",
          `Error: Cannot find module '${specifier}' (${fileURLToPath(resolved.url)} is outside of the bundle)`,
        );
      }
      return resolved;
    },
    load: (url, context, next) =>
      isCommonJs && url.startsWith(root) && url.endsWith(".js")
        ? next(url, { ...context, format: "commonjs" })
        : next(url, context),
  });
}
