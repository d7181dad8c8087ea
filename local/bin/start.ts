import { parseArgs } from "node:util";
import { type Host, startHost } from "../host.ts";
import { runCommand } from "./command.ts";
import { keysHelp, listenToKeys } from "./keys.ts";
import { defaultDataDirectory, fail, parsePortBase } from "./options.ts";
import { createProgress } from "./progress.ts";

const help = `Runs a synthesized CDK application (cdk.out) on this machine.

  node local/bin/start.ts [options]

  --assembly <folder>    the cloud assembly (cdk.out)
  --data <folder>        where tables, queues, mails, keys, clock and logs are kept (${defaultDataDirectory()})
  --memory               keeps nothing
  --port-base <number>   first port: control, then gateway, engines, mailbox +5, sign-in +6, APIs from +10 (4000);
                         "random" takes free ones
  --before <command>     runs first, for example what synthesizes the assembly
  --after <command>      runs when all is ready, with LOCAL_CONTROL_URL in its environment, for example to seed data
  --quiet                prints nothing but what the commands and errors say
  --help
`;

const steps = ["assembly", "sign-in", "SES", "SQS", "DynamoDB", "tables", "functions", "events and APIs"];

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      assembly: { type: "string", default: "cdk.out" },
      data: { type: "string", default: defaultDataDirectory() },
      memory: { type: "boolean", default: false },
      "port-base": { type: "string", default: "4000" },
      before: { type: "string" },
      after: { type: "string" },
      quiet: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return void process.stdout.write(help);
  const started = performance.now();
  const portBase = parsePortBase(values["port-base"]);
  const commands = [values.before, values.after].filter((command) => command !== undefined);
  const progress = createProgress(process.stderr, steps.length + commands.length, values.quiet);

  let host: Host | undefined;
  let ending = false;
  const quit = async () => {
    if (ending) return;
    ending = true;
    await host?.close();
    process.exit(0);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, quit);

  try {
    if (values.before !== undefined) {
      progress.doing(values.before);
      await runCommand(values.before, { output: "on failure" });
      progress.done(`ran "${values.before}"`);
    }
    progress.doing("starting engines");
    host = await startHost({
      assemblyDirectory: values.assembly,
      portBase,
      onProgress: progress.done,
      ...(values.memory ? {} : { dataDirectory: values.data }),
    });
    if (values.after !== undefined) {
      progress.doing(values.after);
      if (process.stderr.isTTY) progress.end();
      await runCommand(values.after, { output: "shown", env: { LOCAL_CONTROL_URL: host.urls.control } });
      progress.done(`ran "${values.after}"`);
    }
    progress.end();
  } catch (error) {
    progress.end();
    await host?.close();
    fail(error);
  }
  if (values.quiet) return;
  const running = host;
  const show = () => printSummary(running, values.memory ? "in memory" : values.data);
  show();
  console.log(`\nReady in ${((performance.now() - started) / 1000).toFixed(1)} s.`);
  listenToKeys(running, show, quit);
}

function printSummary({ urls, assembly, clock, engines }: Host, place: string): void {
  const rows = [
    ...assembly.httpApis.map(({ name }) => [`API ${name}`, urls.apis[name] ?? ""]),
    ["Mailbox", urls.mailbox],
    ...(urls.signIn === undefined ? [] : [["Sign-in", urls.signIn]]),
    ["Users", engines.signIn?.users.map(({ username }) => username).join(", ") ?? "none"],
    ["Control", `${urls.control}/_local/`],
    ["Clock", new Date(clock.now()).toISOString()],
    ["Data", place],
  ];
  const widest = Math.max(...rows.map(([label = ""]) => label.length));
  console.log(`\n${rows.map(([label = "", value]) => `  ${label.padEnd(widest)}  ${value}`).join("\n")}`);
  console.log(`\n${process.stdin.isTTY ? keysHelp : "Ctrl-C ends it."}`);
}

main().catch(fail);
