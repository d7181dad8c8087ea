import * as z from "zod";

/** A resource as it stands in a template, intrinsics unresolved. */
const rawResource = z.object({
  Type: z.string(),
  Condition: z.optional(z.string()),
  Properties: z.optional(z.record(z.string(), z.unknown())),
});

const rawParameter = z.object({ Type: z.string(), Default: z.optional(z.unknown()) });

const rawOutput = z.object({
  Value: z.unknown(),
  Condition: z.optional(z.string()),
  Export: z.optional(z.object({ Name: z.unknown() })),
});

export const templateSchema = z.object({
  Resources: z.record(z.string(), rawResource),
  Parameters: z._default(z.record(z.string(), rawParameter), {}),
  Conditions: z._default(z.record(z.string(), z.unknown()), {}),
  Mappings: z._default(z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown()))), {}),
  Outputs: z._default(z.record(z.string(), rawOutput), {}),
});

export type Template = z.infer<typeof templateSchema>;
export type RawResource = z.infer<typeof rawResource>;

/** A stack of the assembly with the folders of its file assets by object key. */
export interface StackSource {
  readonly name: string;
  readonly region?: string;
  readonly account?: string;
  readonly template: Template;
  readonly assets: ReadonlyMap<string, string>;
}
