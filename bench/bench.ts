import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { startHostProcess } from "../local/host-process.ts";
import { connectToStack } from "../scripts/stack.ts";
import { benchCustomers } from "./customers.ts";
import { type Figure, printFigures } from "./figure.ts";
import { benchIdle } from "./idle.ts";
import { bundlesIn, measureImports } from "./import-time.ts";
import { benchJourneys } from "./journey.ts";
import { benchKpis } from "./kpis.ts";
import { benchLeads } from "./lead.ts";
import { benchSegments } from "./segments.ts";

const help = `Measures the product as it runs on this machine. Timings are noisy: compare ratios within one run.

  npm run bench -- lead [--json] [--leads 5000] [--concurrency 16] [--segments]
                              a lead through the door and the whole chain, its mail, opens and clicks; bundles; the idle bill;
                              --segments keeps the twelve ready-made segments live meanwhile
  npm run bench -- journey [--json] [--carts 2000] [--burst 2000] [--concurrency 16]
                              carts of six events; event to mailbox at a steady pace; a burst of mails, once more with the
                              functions killed and once more with the whole host killed (-9) and started again (13 minutes);
                              the engine waits for the disk on each write: TMPDIR=/dev/shm keeps the data in memory
  npm run bench -- segments [--json] [--contacts 100000] [--concurrency 16]
                              an order with 0, 5 and 50 live segments; what the rebuild of a definition costs over generated
                              contacts (minutes with 100,000; try --contacts 2000 first)
  npm run bench -- customers [--json] [--contacts 100000]
                              how long the models of a customer base take to fit on generated customers
  npm run bench -- kpis [--json] [--events 1000000]
                              the roll-up of two years' events, one dirty day, the list of KPIs; the same asked of PostgreSQL
                              where it is installed (minutes with a million; try --events 50000 first)
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    leads: { type: "string", default: "5000" },
    carts: { type: "string", default: "2000" },
    burst: { type: "string", default: "2000" },
    events: { type: "string", default: "1000000" },
    contacts: { type: "string", default: "100000" },
    concurrency: { type: "string", default: "16" },
    segments: { type: "boolean", default: false },
    help: { type: "boolean", short: "h" },
  },
});
const concurrency = Number(values.concurrency);

const report = (step: string) => console.error(`… ${step}`);

const benches: Readonly<Record<string, (assembly: string) => Promise<readonly Figure[]>>> = {
  lead: leadBench,
  journey: (assembly) =>
    withDataDirectory((dataDirectory) =>
      benchJourneys({
        assembly,
        dataDirectory,
        carts: Number(values.carts),
        burst: Number(values.burst),
        concurrency,
        report,
      }),
    ),
  segments: (assembly) =>
    withDataDirectory((dataDirectory) =>
      benchSegments({ assembly, dataDirectory, contacts: Number(values.contacts), concurrency, report }),
    ),
};

/** Benches of parts that need no stacks. */
const parts: Readonly<Record<string, () => readonly Figure[] | Promise<readonly Figure[]>>> = {
  customers: () => benchCustomers({ customers: Number(values.contacts), report }),
  kpis: () => benchKpis({ events: Number(values.events), report }),
};

const [name = ""] = positionals;
const [bench, part] = [benches[name], parts[name]];
if (part !== undefined && !values.help) {
  printFigures(await part(), values.json);
} else if (values.help || bench === undefined) {
  console.log(help);
  process.exitCode = values.help ? 0 : 1;
} else {
  report("synthesizing");
  execFileSync(process.execPath, ["infra/synth.ts"], { stdio: ["ignore", "ignore", "inherit"] });
  printFigures(await bench(resolve("cdk.out")), values.json);
}

async function leadBench(assembly: string): Promise<readonly Figure[]> {
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
  const leads = await benchLeads(stack, { leads: Number(values.leads), concurrency, report });
  return [...leads, ...imports, ...idle];
}

async function withDataDirectory(bench: (dataDirectory: string) => Promise<readonly Figure[]>) {
  const dataDirectory = mkdtempSync(join(tmpdir(), "rapport-bench-"));
  try {
    return await bench(dataDirectory);
  } finally {
    rmSync(dataDirectory, { recursive: true, force: true });
  }
}
