import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { startHostProcess } from "../local/host-process.ts";
import { connectToStack } from "../scripts/stack.ts";
import { printFigures } from "./figure.ts";
import { benchIdle } from "./idle.ts";
import { bundlesIn, measureImports } from "./import-time.ts";
import { benchLeads } from "./lead.ts";

const help = `Measures the product as it runs on this machine. Timings are noisy: compare ratios within one run.

  npm run bench -- lead [--json] [--leads 5000] [--concurrency 16] [--segments]
                              a lead through the door and the whole chain, its mail, opens and clicks; bundles; the idle bill;
                              --segments keeps the eleven ready-made segments live meanwhile
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    leads: { type: "string", default: "5000" },
    concurrency: { type: "string", default: "16" },
    segments: { type: "boolean", default: false },
    help: { type: "boolean", short: "h" },
  },
});

if (values.help || positionals[0] !== "lead") {
  console.log(help);
  process.exitCode = values.help ? 0 : 1;
} else {
  const report = (step: string) => console.error(`… ${step}`);
  report("synthesizing");
  execFileSync(process.execPath, ["infra/synth.ts"], { stdio: ["ignore", "ignore", "inherit"] });
  const assembly = resolve("cdk.out");
  report("importing each bundle");
  const imports = measureImports(bundlesIn(assembly));
  report("starting the stacks");
  await using host = await startHostProcess({
    assembly,
    after: `node scripts/seed.ts${values.segments ? "" : " --bare"}`,
  });
  const stack = await connectToStack(host.controlUrl);
  report("an idle day");
  const idle = await benchIdle(stack, assembly);
  const leads = await benchLeads(stack, {
    leads: Number(values.leads),
    concurrency: Number(values.concurrency),
    report,
  });
  printFigures([...leads, ...imports, ...idle], values.json);
}
