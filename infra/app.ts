import { App } from "aws-cdk-lib";
import { z } from "zod";
import { loadConfig } from "./config.ts";
import { buildRapport } from "./rapport.ts";

const app = new App({ analyticsReporting: false });
const stage = z.string().default("dev").parse(app.node.tryGetContext("stage"));
buildRapport(app, loadConfig(stage));
app.synth();
