import { AssemblyError } from "./error.ts";

/** What a template's functions may ask of the stack and of the other stacks. */
export interface Lookup {
  /** Where the value stands, for messages: `stack rapport-api, resource Table`. */
  readonly place: string;
  ref(id: string): unknown;
  attribute(id: string, name: string): unknown;
  condition(name: string): boolean;
  mapping(map: string, top: string, second: string): unknown;
  importValue(name: string): unknown;
  stackOutput(stack: string, output: string): unknown;
  availabilityZones(region: string): readonly string[];
  /** Puts local addresses in the place of AWS's own (API endpoints, issuer of a user pool) and resolves `{{resolve:…}}`. */
  localize(text: string): string;
}

/** `AWS::NoValue`: the property is as good as absent. */
export const noValue = Symbol("AWS::NoValue");

type Intrinsic = (argument: unknown, lookup: Lookup) => unknown;

const intrinsics: Readonly<Record<string, Intrinsic>> = {
  Ref: (id, lookup) => lookup.ref(text(id, lookup)),
  "Fn::GetAtt": (argument, lookup) => {
    const [id, ...name] = typeof argument === "string" ? argument.split(".") : list(resolve(argument, lookup), lookup);
    return lookup.attribute(text(id, lookup), name.map((part) => text(part, lookup)).join("."));
  },
  "Fn::Join": (argument, lookup) => {
    const [separator, parts] = list(argument, lookup);
    return list(resolve(parts, lookup), lookup)
      .map((part) => text(part, lookup))
      .join(text(separator, lookup));
  },
  "Fn::Sub": (argument, lookup) => {
    const [template, variables] = typeof argument === "string" ? [argument, {}] : list(argument, lookup);
    return substitute(text(template, lookup), record(variables), lookup);
  },
  "Fn::Select": (argument, lookup) => {
    const [index, values] = list(argument, lookup);
    const value = list(resolve(values, lookup), lookup)[Number(resolve(index, lookup))];
    if (value === undefined) throw new AssemblyError(`${lookup.place}: Fn::Select goes past the end of its list.`);
    return value;
  },
  "Fn::Split": (argument, lookup) => {
    const [separator, value] = list(argument, lookup);
    return text(resolve(value, lookup), lookup).split(text(separator, lookup));
  },
  "Fn::If": (argument, lookup) => {
    const [name, whenTrue, whenFalse] = list(argument, lookup);
    return resolve(lookup.condition(text(name, lookup)) ? whenTrue : whenFalse, lookup);
  },
  "Fn::Equals": (argument, lookup) => {
    const [left, right] = list(resolve(argument, lookup), lookup);
    return JSON.stringify(left) === JSON.stringify(right);
  },
  "Fn::And": (argument, lookup) => list(argument, lookup).every((part) => resolve(part, lookup) === true),
  "Fn::Or": (argument, lookup) => list(argument, lookup).some((part) => resolve(part, lookup) === true),
  "Fn::Not": (argument, lookup) => resolve(list(argument, lookup)[0], lookup) !== true,
  Condition: (name, lookup) => lookup.condition(text(name, lookup)),
  "Fn::FindInMap": (argument, lookup) => {
    const [map, top, second] = list(resolve(argument, lookup), lookup);
    return lookup.mapping(text(map, lookup), text(top, lookup), text(second, lookup));
  },
  "Fn::ImportValue": (argument, lookup) => lookup.importValue(text(resolve(argument, lookup), lookup)),
  "Fn::GetStackOutput": (argument, lookup) => {
    const { StackName, OutputName } = record(resolve(argument, lookup));
    return lookup.stackOutput(text(StackName, lookup), text(OutputName, lookup));
  },
  "Fn::GetAZs": (argument, lookup) => lookup.availabilityZones(text(resolve(argument, lookup), lookup)),
  "Fn::Base64": (argument, lookup) => Buffer.from(text(resolve(argument, lookup), lookup)).toString("base64"),
};

/** A template's value with every intrinsic function worked out. */
export function resolve(value: unknown, lookup: Lookup): unknown {
  if (typeof value === "string") return lookup.localize(value);
  if (Array.isArray(value)) return value.map((item) => resolve(item, lookup)).filter((item) => item !== noValue);
  if (value === null || typeof value !== "object") return value;
  const [only, ...others] = Object.entries(value);
  if (only !== undefined && others.length === 0) {
    // A policy's `Condition` block is data; a reference to a condition is always a text.
    const intrinsic = only[0] === "Condition" && typeof only[1] !== "string" ? undefined : intrinsics[only[0]];
    if (intrinsic !== undefined) {
      const result = intrinsic(only[1], lookup);
      return typeof result === "string" ? lookup.localize(result) : result;
    }
    if (only[0].startsWith("Fn::")) throw new AssemblyError(unsupported(only[0], lookup));
  }
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, item]) => [key, resolve(item, lookup)] as const)
      .filter(([, item]) => item !== noValue),
  );
}

function unsupported(name: string, lookup: Lookup): string {
  return `${lookup.place}: the function ${name} is not emulated; add it to local/assembly/intrinsics.ts or do without it.`;
}

/** `${Id}`, `${Id.Attribute}` and the variables given beside the text; `${!x}` stays `${x}`. */
function substitute(template: string, variables: Readonly<Record<string, unknown>>, lookup: Lookup): string {
  return template.replace(/\$\{(!?)([^}]+)\}/g, (_, escaped: string, name: string) => {
    if (escaped !== "") return `\${${name}}`;
    if (Object.hasOwn(variables, name)) return text(resolve(variables[name], lookup), lookup);
    const dot = name.indexOf(".");
    return text(dot < 0 ? lookup.ref(name) : lookup.attribute(name.slice(0, dot), name.slice(dot + 1)), lookup);
  });
}

function text(value: unknown, lookup: Lookup): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new AssemblyError(`${lookup.place}: a function got ${JSON.stringify(value)} where a text belongs.`);
}

function list(value: unknown, lookup: Lookup): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new AssemblyError(`${lookup.place}: a function got ${JSON.stringify(value)} where a list belongs.`);
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return value !== null && typeof value === "object" ? Object.fromEntries(Object.entries(value)) : {};
}
