import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import * as z from "zod";
import { AssemblyError } from "./error.ts";
import { type StackSource, templateSchema } from "./template.ts";

const manifestSchema = z.object({
  artifacts: z._default(
    z.record(
      z.string(),
      z.object({
        type: z.string(),
        environment: z.optional(z.string()),
        properties: z.optional(z.record(z.string(), z.unknown())),
      }),
    ),
    {},
  ),
});

const assetsSchema = z.object({
  files: z._default(
    z.record(
      z.string(),
      z.object({
        source: z.object({ path: z.optional(z.string()), packaging: z.optional(z.string()) }),
        destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
      }),
    ),
    {},
  ),
});

const stackProperties = z.object({ templateFile: z.string(), stackName: z.optional(z.string()) });
const nestedProperties = z.object({ directoryName: z.string() });
const assetProperties = z.object({ file: z.string() });

/** The stacks of a cdk.out folder in the manifest's order, those of nested assemblies (stages) included. */
export function readStacks(directory: string): StackSource[] {
  const manifestPath = join(directory, "manifest.json");
  if (!existsSync(manifestPath)) {
    throw new AssemblyError(
      `No cloud assembly in ${directory}: synthesize it first (for example with "npm run synth").`,
    );
  }
  const { artifacts } = manifestSchema.parse(readJson(manifestPath));
  const assets = new Map<string, string>();
  for (const artifact of Object.values(artifacts)) {
    if (artifact.type === "cdk:asset-manifest") collectAssets(directory, artifact.properties, assets);
  }
  return Object.entries(artifacts).flatMap(([id, artifact]) => {
    if (artifact.type === "cdk:cloud-assembly") {
      return readStacks(join(directory, nestedProperties.parse(artifact.properties).directoryName));
    }
    if (artifact.type !== "aws:cloudformation:stack") return [];
    const { templateFile, stackName } = stackProperties.parse(artifact.properties);
    const template = templateSchema.parse(readJson(join(directory, templateFile)));
    return [{ name: stackName ?? id, ...parseEnvironment(artifact.environment), template, assets }];
  });
}

function collectAssets(directory: string, properties: unknown, assets: Map<string, string>): void {
  const { files } = assetsSchema.parse(readJson(join(directory, assetProperties.parse(properties).file)));
  for (const { source, destinations } of Object.values(files)) {
    if (source.path === undefined) continue;
    for (const { objectKey } of Object.values(destinations)) assets.set(objectKey, resolve(directory, source.path));
  }
}

/** `aws://123456789012/eu-west-1`; the words unknown-account and unknown-region leave the choice to the host. */
function parseEnvironment(environment = ""): { account?: string; region?: string } {
  const [, account = "", region = ""] = /^aws:\/\/([^/]+)\/(.+)$/.exec(environment) ?? [];
  return {
    ...(/^\d{12}$/.test(account) ? { account } : {}),
    ...(region !== "" && region !== "unknown-region" ? { region } : {}),
  };
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new AssemblyError(`${path} cannot be read as JSON: synthesize the assembly again.`, { cause });
  }
}
