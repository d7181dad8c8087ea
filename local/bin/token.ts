import { parseArgs } from "node:util";
import { connectToHost } from "../client.ts";
import { StartError } from "../start-error.ts";
import { fail } from "./options.ts";

const help = `Prints an access token of a development user of the running host.

  node local/bin/token.ts --user <name> [options]

  --user <name>      whose token; the host's summary lists the users
  --control <url>    the host's control endpoint (LOCAL_CONTROL_URL, else http://127.0.0.1:4000)
  --help
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      user: { type: "string" },
      control: { type: "string", default: process.env.LOCAL_CONTROL_URL ?? "http://127.0.0.1:4000" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return void process.stdout.write(help);
  if (values.user === undefined) throw new StartError("Say whose token with --user, for example --user manager.");
  console.log(await connectToHost(values.control).token(values.user));
}

main().catch((error: unknown) => fail(error instanceof Error ? new StartError(error.message) : error));
