import type { Config } from "./config-schema.ts";

/** Names that are fixed, since several stacks, people or AWS services need to know them beforehand. */
export function namesOf(config: Pick<Config, "stage">) {
  const prefix = `rapport-${config.stage}`;
  return {
    prefix,
    table: prefix,
    /** Where the Data stack writes the stream of its table and the other stacks read it at each deployment. */
    streamArnParameter: `/rapport/${config.stage}/table/stream-arn`,
    configurationSet: prefix,
    /** Secrets Manager holds a secret for each connected shop under this path; staff make them at run time. */
    sourceSecrets: `rapport/${config.stage}/sources`,
    /** And one for each endpoint that webhooks are sent to. */
    webhookSecrets: `rapport/${config.stage}/webhooks`,
    stack: (title: string) => `Rapport-${config.stage}-${title}`,
  };
}
