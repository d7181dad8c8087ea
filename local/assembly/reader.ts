import { assemble } from "./assemble.ts";
import { AssemblyError } from "./error.ts";
import { readStacks } from "./manifest.ts";
import type { Assembly } from "./model.ts";
import { emptyParts } from "./parts.ts";
import type { LocalUrls } from "./resource.ts";
import { Stack, type Surroundings } from "./stack.ts";
import type { StackSource } from "./template.ts";

export { AssemblyError } from "./error.ts";
export type { LocalUrls } from "./resource.ts";

export interface Runtime {
  /** Taken where the assembly leaves its environment open. */
  readonly region: string;
  readonly account: string;
  readonly urls: LocalUrls;
}

/** Logical ids of the HTTP APIs in template order, so that their addresses can be fixed before reading. */
export function listApis(directory: string): string[] {
  const ids = readStacks(directory).flatMap(({ template }) =>
    Object.entries(template.Resources)
      .filter(([, resource]) => resource.Type === "AWS::ApiGatewayV2::Api")
      .map(([id]) => id),
  );
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) {
    throw new AssemblyError(
      `Two stacks hold an API with the logical id ${twice}; give one of them another construct id.`,
    );
  }
  return ids;
}

/**
 * Reads every stack of a cdk.out folder and resolves it to plain data.
 * Throws an AssemblyError that names resource, property and remedy at anything that the host does not know.
 */
export function readAssembly(directory: string, runtime: Runtime): Assembly {
  const sources = readStacks(directory);
  const region = agreed("region", sources, runtime.region);
  const account = agreed("account", sources, runtime.account);
  const stacks: Stack[] = [];
  const around: Surroundings = {
    region,
    account,
    urls: runtime.urls,
    importValue: (name) => {
      for (const stack of stacks) {
        const found = stack.exported(name);
        if (found !== undefined) return found.value;
      }
      throw new AssemblyError(
        `No stack of the assembly exports ${name}, which another imports; synthesize all stacks.`,
      );
    },
    stackOutput: (stackName, output) => {
      const stack = stacks.find((candidate) => candidate.name === stackName);
      if (stack === undefined)
        throw new AssemblyError(`The assembly holds no stack ${stackName}; synthesize all stacks.`);
      return stack.output(output);
    },
    parameter: (name) => storedParameter(stacks, name),
    localize: (text) => localize(text, stacks, around),
  };
  stacks.push(...sources.map((source) => new Stack(source, around)));

  const parts = emptyParts();
  for (const stack of stacks) {
    for (const id of stack.logicalIds()) stack.instance(id).collect(parts);
  }
  const outputs = stacks.flatMap((stack) =>
    Object.entries(stack.outputs()).map(([name, value]) => [`${stack.name}.${name}`, value] as const),
  );
  return assemble(parts, { region, account, issuer: runtime.urls.oidcIssuer, outputs: Object.fromEntries(outputs) });
}

function agreed(what: "region" | "account", sources: readonly StackSource[], otherwise: string): string {
  const named = new Set(sources.flatMap((source) => source[what] ?? []));
  if (named.size > 1) {
    throw new AssemblyError(
      `The stacks name several values for ${what} (${[...named].join(", ")}); the host plays one.`,
    );
  }
  return [...named][0] ?? otherwise;
}

function storedParameter(stacks: readonly Stack[], name: string): string | undefined {
  for (const stack of stacks) {
    for (const id of stack.logicalIds("AWS::SSM::Parameter")) {
      const instance = stack.instance(id);
      if (instance.ref() === name) return instance.attribute("Value");
    }
  }
  return undefined;
}

/** AWS's own addresses are put together in templates; here they become the local ones. */
function localize(text: string, stacks: readonly Stack[], around: Surroundings): string {
  if (text.includes("{{resolve:")) return dynamicReference(text, around);
  if (!text.includes("amazonaws.com") && !text.includes("amazoncognito.com")) return text;
  const api = /https:\/\/([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com/;
  return text
    .replace(api, (whole, apiId: string) => apiAddress(apiId, stacks) ?? whole)
    .replace(/https:\/\/cognito-idp\.[a-z0-9-]+\.amazonaws\.com\/[\w-]+/, around.urls.oidcIssuer)
    .replace(/https:\/\/[a-z0-9-]+\.auth\.[a-z0-9-]+\.amazoncognito\.com/, new URL(around.urls.oidcIssuer).origin);
}

function apiAddress(apiId: string, stacks: readonly Stack[]): string | undefined {
  for (const stack of stacks) {
    for (const id of stack.logicalIds("AWS::ApiGatewayV2::Api")) {
      if (stack.instance(id).ref() === apiId) return stack.instance(id).attribute("ApiEndpoint");
    }
  }
  return undefined;
}

function dynamicReference(text: string, around: Surroundings): string {
  return text.replace(/\{\{resolve:([^:}]+):([^:}]+)(:\d+)?\}\}/g, (whole, service: string, name: string) => {
    const value = service === "ssm" ? around.parameter(name) : undefined;
    if (value !== undefined) return value;
    throw new AssemblyError(
      `The reference ${whole} cannot be resolved on a laptop; hand the value on by configuration or by a parameter of the assembly.`,
    );
  });
}
