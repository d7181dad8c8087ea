import { AssemblyError } from "./error.ts";
import { type Lookup, noValue, resolve } from "./intrinsics.ts";
import { registry } from "./registry.ts";
import { type Identity, type Instance, type LocalUrls, stableId } from "./resource.ts";
import type { RawResource, StackSource } from "./template.ts";

/** What stacks see of each other and of the place they run in. */
export interface Surroundings {
  readonly region: string;
  readonly account: string;
  readonly urls: LocalUrls;
  importValue(name: string): unknown;
  stackOutput(stack: string, output: string): unknown;
  localize(text: string): string;
  parameter(name: string): string | undefined;
}

/** One stack whose resources are worked out when they are first asked for, so that order does not matter. */
export class Stack {
  readonly name: string;
  readonly #source: StackSource;
  readonly #around: Surroundings;
  readonly #instances = new Map<string, Instance>();
  readonly #underWay = new Set<string>();

  constructor(source: StackSource, around: Surroundings) {
    this.name = source.name;
    this.#source = source;
    this.#around = around;
  }

  /** Logical ids of the resources whose condition holds, in the template's order. */
  logicalIds(type?: string): string[] {
    return Object.entries(this.#source.template.Resources)
      .filter(([id, resource]) => this.#exists(id, resource) && (type === undefined || resource.Type === type))
      .map(([id]) => id);
  }

  instance(id: string): Instance {
    const known = this.#instances.get(id);
    if (known !== undefined) return known;
    const raw = this.#source.template.Resources[id];
    if (raw === undefined) throw new AssemblyError(`Stack ${this.name} refers to ${id}, which it does not hold.`);
    const identity = this.#identity(id, raw.Type);
    const type = registry.get(raw.Type);
    if (type === undefined) throw identity.error("its type is not emulated");
    if (this.#underWay.has(id)) throw identity.error("it refers to itself in a circle");
    this.#underWay.add(id);
    const properties = resolve(
      type.withoutIgnored(raw.Properties ?? {}),
      this.#lookup(`stack ${this.name}, resource ${id}`),
    );
    const instance = type.instantiate(Object.fromEntries(Object.entries(Object(properties))), identity);
    this.#underWay.delete(id);
    this.#instances.set(id, instance);
    return instance;
  }

  outputs(): Record<string, string> {
    const existing = Object.entries(this.#source.template.Outputs).filter(
      ([name, output]) => output.Condition === undefined || this.#condition(output.Condition, `output ${name}`),
    );
    return Object.fromEntries(existing.map(([name]) => [name, String(this.output(name))]));
  }

  output(name: string): unknown {
    const output = this.#source.template.Outputs[name];
    if (output === undefined)
      throw new AssemblyError(`Stack ${this.name} has no output ${name}, which another refers to.`);
    return resolve(output.Value, this.#lookup(`stack ${this.name}, output ${name}`));
  }

  /** The output that exports this name, if it is one of this stack's. */
  exported(exportName: string): { readonly value: unknown } | undefined {
    for (const [name, output] of Object.entries(this.#source.template.Outputs)) {
      if (output.Export === undefined) continue;
      const own = resolve(output.Export.Name, this.#lookup(`stack ${this.name}, output ${name}`));
      if (own === exportName) return { value: this.output(name) };
    }
    return undefined;
  }

  #identity(logicalId: string, type: string): Identity {
    const { region, account, urls } = this.#around;
    return {
      stack: this.name,
      logicalId,
      region,
      account,
      urls,
      generatedName: (maxLength) => {
        const name = `${this.name}-${logicalId}`;
        return name.length <= maxLength ? name : `${name.slice(0, maxLength - 9)}-${stableId(8, name)}`;
      },
      generatedId: (length) => stableId(length, this.name, logicalId),
      arn: (service, resource) => `arn:aws:${service}:${region}:${account}:${resource}`,
      asset: (objectKey) => this.#source.assets.get(objectKey),
      error: (message) =>
        new AssemblyError(
          `Stack ${this.name}, resource ${logicalId} (${type}): ${message}; ` +
            `leave it out of the local assembly or teach it to the host ("Adding a resource type" in local/README.md).`,
        ),
    };
  }

  #exists(id: string, resource: RawResource): boolean {
    return resource.Condition === undefined || this.#condition(resource.Condition, `resource ${id}`);
  }

  #condition(name: string, place: string): boolean {
    const lookup = this.#lookup(`stack ${this.name}, ${place}`);
    const condition = this.#source.template.Conditions[name];
    if (condition === undefined) throw new AssemblyError(`${lookup.place}: the condition ${name} does not exist.`);
    return resolve(condition, lookup) === true;
  }

  #lookup(place: string): Lookup {
    return {
      place,
      ref: (id) => this.#ref(id),
      attribute: (id, name) => this.instance(id).attribute(name),
      condition: (name) => this.#condition(name, place),
      mapping: (map, top, second) => {
        const value = this.#source.template.Mappings[map]?.[top]?.[second];
        if (value === undefined)
          throw new AssemblyError(`${place}: the mapping ${map}.${top}.${second} does not exist.`);
        return value;
      },
      importValue: (name) => this.#around.importValue(name),
      stackOutput: (stack, output) => this.#around.stackOutput(stack, output),
      availabilityZones: (region) => ["a", "b", "c"].map((zone) => `${region || this.#around.region}${zone}`),
      localize: (text) => this.#around.localize(text),
    };
  }

  #ref(id: string): unknown {
    const pseudo: Readonly<Record<string, unknown>> = {
      "AWS::Region": this.#around.region,
      "AWS::AccountId": this.#around.account,
      "AWS::Partition": "aws",
      "AWS::URLSuffix": "amazonaws.com",
      "AWS::StackName": this.name,
      "AWS::StackId": `arn:aws:cloudformation:${this.#around.region}:${this.#around.account}:stack/${this.name}/local`,
      "AWS::NotificationARNs": [],
      "AWS::NoValue": noValue,
    };
    if (Object.hasOwn(pseudo, id)) return pseudo[id];
    const parameter = this.#source.template.Parameters[id];
    if (parameter === undefined) return this.instance(id).ref();
    const isStored = parameter.Type.startsWith("AWS::SSM::Parameter::Value");
    const stored = isStored ? this.#around.parameter(String(parameter.Default)) : undefined;
    const value = stored ?? parameter.Default;
    if (value === undefined)
      throw new AssemblyError(`Stack ${this.name}: the parameter ${id} has no default; give it one.`);
    return value;
  }
}
