import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";

const templateSchema = z.object({
  Resources: z.record(
    z.string(),
    z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).optional() }),
  ),
});

export type Resource = z.infer<typeof templateSchema>["Resources"][string];

/** Every resource of every template of a synthesized assembly. */
export function resourcesIn(assembly: string): readonly Resource[] {
  return readdirSync(assembly)
    .filter((file) => file.endsWith(".template.json"))
    .flatMap((file) =>
      Object.values(templateSchema.parse(JSON.parse(readFileSync(join(assembly, file), "utf8"))).Resources),
    );
}
