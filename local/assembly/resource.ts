import { createHash } from "node:crypto";
import * as z from "zod";
import type { AssemblyError } from "./error.ts";
import type { Parts } from "./parts.ts";

/** Who a resource is: enough to name it. */
export interface Identity {
  readonly stack: string;
  readonly logicalId: string;
  readonly region: string;
  readonly account: string;
  /** `Stack-LogicalId`, cut to the length that AWS allows with a hash that keeps it unique. */
  generatedName(maxLength: number): string;
  /** Lower-case letters and digits that stay the same from start to start. */
  generatedId(length: number): string;
  arn(service: string, resource: string): string;
  /** Where the resource answers on this machine, for those that have an address. */
  readonly urls: LocalUrls;
  /** Folder of a bundled asset by its object key. */
  asset(objectKey: string): string | undefined;
  /** The host's sentence about this resource. */
  error(message: string): AssemblyError;
}

/** Addresses that are fixed before the templates are read, because the templates refer to them. */
export interface LocalUrls {
  /** Origin of queue URLs: the gateway, so that functions' calls are seen. */
  readonly sqs: string;
  readonly oidcIssuer: string;
  /** By logical id of the API. */
  readonly apis: Readonly<Record<string, string>>;
}

export interface Instance {
  ref(): string;
  attribute(name: string): string;
  collect(parts: Parts): void;
}

/** What the registry holds of each resource type. */
export interface ResourceType {
  readonly type: string;
  instantiate(properties: Readonly<Record<string, unknown>>, identity: Identity): Instance;
  /** The properties to resolve: those that are ignored may refer to anything. */
  withoutIgnored(properties: Readonly<Record<string, unknown>>): Record<string, unknown>;
}

interface Definition<Properties extends z.ZodObject> {
  readonly type: string;
  /** What the host emulates. Made strict: any other property stops the start. */
  readonly properties: Properties;
  /** What it leaves out on purpose: dotted property path → reason. Lists are walked through; `*` is any key of a map. */
  readonly ignored?: Readonly<Record<string, string>>;
  /** The whole resource has no effect on a laptop; the reason. */
  readonly ignoredEntirely?: string;
  readonly ref: (properties: z.infer<Properties>, identity: Identity) => string;
  readonly attributes?: Readonly<Record<string, (properties: z.infer<Properties>, identity: Identity) => string>>;
  readonly collect?: (properties: z.infer<Properties>, identity: Identity, parts: Parts) => void;
}

export function defineResource<Properties extends z.ZodObject>(definition: Definition<Properties>): ResourceType {
  const schema = definition.properties;
  const everything = definition.ignoredEntirely !== undefined;
  return {
    type: definition.type,
    withoutIgnored(properties) {
      const paths = Object.keys(definition.ignored ?? {}).map((path) => path.split("."));
      const known = everything ? Object.keys(schema.shape) : Object.keys(properties);
      return Object.fromEntries(
        Object.entries(properties)
          .filter(([key]) => known.includes(key) && !paths.some((path) => path.length === 1 && path[0] === key))
          .map(([key, value]) => [key, without(value, nested(paths, key))]),
      );
    },
    instantiate(resolved, identity) {
      const parsed = schema.safeParse(resolved);
      if (!parsed.success) throw explain(parsed.error, identity);
      const properties = parsed.data;
      return {
        ref: () => definition.ref(properties, identity),
        attribute: (name) => {
          const attribute = definition.attributes?.[name];
          if (attribute === undefined) throw identity.error(`the attribute ${name} is not emulated`);
          return attribute(properties, identity);
        },
        collect: (parts) => definition.collect?.(properties, identity, parts),
      };
    },
  };
}

type Paths = readonly (readonly string[])[];

function nested(paths: Paths, key: string): Paths {
  return paths.filter((path) => path.length > 1 && (path[0] === key || path[0] === "*")).map((path) => path.slice(1));
}

function without(value: unknown, paths: Paths): unknown {
  if (paths.length === 0 || value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((item) => without(item, paths));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !paths.some((path) => path.length === 1 && path[0] === key))
      .map(([key, item]) => [key, without(item, nested(paths, key))]),
  );
}

function explain(error: z.ZodError, identity: Identity): AssemblyError {
  const issue = error.issues[0];
  if (issue === undefined) return identity.error("its properties cannot be read");
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    return identity.error(`the property ${[...path, issue.keys[0]].join(".")} is not emulated`);
  }
  return identity.error(`the value of ${path.join(".") || "its properties"} is not emulated (${issue.message})`);
}

/** Short text that is the same for the same names, for identifiers that AWS would make up. */
export function stableId(length: number, ...names: readonly string[]): string {
  const digest = createHash("sha256").update(names.join("\n")).digest("hex");
  return BigInt(`0x${digest}`).toString(36).slice(0, length);
}

/** CloudFormation takes booleans and numbers as texts too. */
export const flag = z.union([z.boolean(), z.stringbool()]);
export const count = z.coerce.number();
export const anything = z.unknown();
