import { readFileSync } from "node:fs";
import { App } from "aws-cdk-lib";
import * as z from "zod";

const cdkJson = z.object({ context: z.record(z.string(), z.unknown()) });

/** An app with the flags of cdk.json, which the CDK's own command line would hand to it. */
export function createApp(outdir?: string): App {
  const { context } = cdkJson.parse(JSON.parse(readFileSync(new URL("../cdk.json", import.meta.url), "utf8")));
  return new App({ context, analyticsReporting: false, ...(outdir === undefined ? {} : { outdir }) });
}
