import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";
import { startHostProcess } from "../local/host-process.ts";
import { printReport, progressBar } from "./demo/print.ts";
import { runDemo } from "./demo/run.ts";
import { connectToStack } from "./stack.ts";

const help = `A hundred days of the product in minutes, on a fresh system in memory: 200 leads of all sorts, orders, the next digest,
and then a shop's season: carts left behind, reminders, orders, refunds, people who lapse and come back, people who leave.
Exit code 1 if any invariant does not hold.

  npm run demo
  npm run demo -- --json      the report as one JSON object
`;

const { values } = parseArgs({ options: { json: { type: "boolean" }, help: { type: "boolean", short: "h" } } });

if (values.help) {
  console.log(help);
} else {
  const progress = progressBar(process.stderr);
  progress("synthesizing the stacks", 0, 3);
  execFileSync(process.execPath, ["infra/synth.ts"], { stdio: ["ignore", "ignore", "inherit"] });
  progress("starting them", 1, 3);
  await using host = await startHostProcess({ after: "node scripts/seed.ts" });
  progress("starting them", 3, 3);
  const report = await runDemo(await connectToStack(host.controlUrl), progress);
  console.log(values.json ? JSON.stringify(report, undefined, 2) : printReport(report));
  process.exitCode = report.broken.length === 0 ? 0 : 1;
}
