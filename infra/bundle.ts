import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, buildSync } from "esbuild";
import { type Bundle, BundleStore } from "./bundle-store.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

const options = {
  absWorkingDir: root,
  outfile: "index.js",
  write: false,
  metafile: true,
  bundle: true,
  minify: true,
  platform: "node",
  target: "node24",
  // CommonJS starts faster than ESM here (69 ms against 89 ms), and modules before main drop the SDK's dead code.
  format: "cjs",
  mainFields: ["module", "main"],
  alias: {
    "@aws-sdk/client-dynamodb": "./infra/aliases/dynamodb/client.ts",
    "@aws-sdk/core/client": "./infra/aliases/core-client.js",
    "@aws-sdk/credential-provider-node": "./infra/aliases/credential-provider.ts",
    "@aws-sdk/middleware-endpoint-discovery": "./infra/aliases/endpoint-discovery.ts",
    "@smithy/core/checksum": "./infra/aliases/checksum.ts",
    "@smithy/core/event-streams": "./infra/aliases/event-streams.ts",
  },
  loader: { ".wasm": "binary", ".ttf": "binary" },
  legalComments: "none",
  charset: "utf8",
  logLevel: "silent",
} as const satisfies BuildOptions;

/** Browsers take ES modules; two years of versions is what the console supports. */
const browserOptions = {
  absWorkingDir: root,
  outdir: ".",
  write: false,
  metafile: true,
  bundle: true,
  minify: true,
  platform: "browser",
  target: ["chrome120", "firefox121", "safari17.2"],
  format: "esm",
  legalComments: "none",
  charset: "utf8",
  logLevel: "silent",
} as const satisfies BuildOptions;

const store = new BundleStore(root, JSON.stringify([options, browserOptions]));
const bundles = new Map<string, Bundle>();

/**
 * Bundles one entry file for Lambda. Needs neither network nor Docker, and does nothing where the source is as before.
 *
 * @param browser entry files of what the function hands to browsers; it knows the results as `browserFiles`, by name.
 * @throws Error of esbuild that names the file and line which it could not bundle.
 */
export function bundle(entry: string, browser: readonly string[] = []): Bundle {
  const bundled = bundles.get(entry) ?? store.recall(entry) ?? build(entry, browser);
  bundles.set(entry, bundled);
  return bundled;
}

function build(entry: string, browser: readonly string[]): Bundle {
  const { files, inputs } = buildForBrowsers(browser);
  const define = { browserFiles: JSON.stringify(files) };
  const { outputFiles, metafile } = buildSync({ ...options, define, entryPoints: [entry] });
  const all = { ...metafile, inputs: { ...metafile.inputs, ...inputs } };
  return store.keep(entry, outputFiles[0]?.contents ?? new Uint8Array(), all);
}

function buildForBrowsers(entries: readonly string[]) {
  if (entries.length === 0) return { files: {}, inputs: {} };
  const { outputFiles, metafile } = buildSync({ ...browserOptions, entryPoints: [...entries] });
  const files = Object.fromEntries(outputFiles.map(({ path, text }) => [basename(path), text]));
  return { files, inputs: metafile.inputs };
}
