import { type App, Stack, Tags } from "aws-cdk-lib";
import { type Config, keepsData } from "../config-schema.ts";
import { namesOf } from "../names.ts";

/** What all stacks have in common. */
export class RapportStack extends Stack {
  constructor(app: App, title: string, description: string, config: Config) {
    super(app, namesOf(config).stack(title), {
      description: `Rapport ${config.stage}: ${description}`,
      terminationProtection: keepsData(config),
    });
    Tags.of(this).add("application", "rapport");
    Tags.of(this).add("stage", config.stage);
  }
}
