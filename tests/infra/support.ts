import { Template } from "aws-cdk-lib/assertions";
import * as z from "zod";
import { loadConfig } from "../../infra/config.ts";
import { createApp } from "../../infra/context.ts";
import { buildRapport } from "../../infra/rapport.ts";

const resourceSchema = z.looseObject({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DeletionPolicy: z.string().optional(),
});
const templateSchema = z.looseObject({ Resources: z.record(z.string(), resourceSchema) });

export type Resource = z.infer<typeof resourceSchema> & { readonly stack: string; readonly id: string };

export interface SynthesizedStack {
  /** Without the stage: `Data`, `Api`, … */
  readonly title: string;
  readonly template: Template;
}

/** The stacks of a stage, synthesized in this process; nothing is written to cdk.out. */
export function synthesize(stage: string) {
  const app = createApp();
  const stacks: SynthesizedStack[] = buildRapport(app, loadConfig(stage)).map((stack) => ({
    title: stack.stackName.split("-").at(-1) ?? stack.stackName,
    template: Template.fromStack(stack),
  }));
  const resources: Resource[] = stacks.flatMap(({ title, template }) =>
    Object.entries(templateSchema.parse(template.toJSON()).Resources).map(([id, resource]) => ({
      ...resource,
      stack: title,
      id,
    })),
  );
  return {
    app,
    stacks,
    resources,
    ofType: (type: string) => resources.filter((resource) => resource.Type === type),
    template(title: string): Template {
      const found = stacks.find((stack) => stack.title === title);
      if (found === undefined) {
        throw new Error(`There is no stack ${title}.`);
      }
      return found.template;
    },
  };
}
