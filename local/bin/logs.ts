import { createReadStream, existsSync, statSync, watchFile } from "node:fs";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { parseDuration } from "../control/duration.ts";
import { LOG_FILE } from "../functions/logs.ts";
import { StartError } from "../start-error.ts";
import { type LogFilter, parseLogLine, passes, renderLogLine } from "./log-line.ts";
import { defaultDataDirectory, fail, logFileOf } from "./options.ts";

const help = `Shows the host's merged log: functions, API requests and the host itself, in the order in which they came.

  node local/bin/logs.ts [options]

  --function <name>   only sources whose name contains this
  --since <time>      only lines since an instant (2026-01-31T12:00:00Z), or a while back (10m, 2h) on the host's clock
  --follow            goes on with new lines
  --json              the lines as they are kept
  --data <folder>     the host's data folder (${defaultDataDirectory()})
  --help
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      function: { type: "string" },
      since: { type: "string" },
      follow: { type: "boolean", short: "f", default: false },
      json: { type: "boolean", default: false },
      data: { type: "string", default: defaultDataDirectory() },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return void process.stdout.write(help);
  const path = logFileOf(values.data, LOG_FILE);
  if (!existsSync(path))
    throw new StartError(`There is no log in ${values.data}: start the host without --memory first.`);
  const filter: LogFilter = {
    ...(values.function === undefined ? {} : { function: values.function }),
    ...(values.since === undefined ? {} : { since: await instant(values.since, path) }),
  };
  let position = await show(path, 0, filter, values.json);
  if (!values.follow) return;
  let reading = Promise.resolve();
  watchFile(path, { interval: 200 }, ({ size }) => {
    reading = reading.then(async () => {
      // A smaller file is a new one.
      position = await show(path, size < position ? 0 : position, filter, values.json);
    });
  });
}

/** Prints the lines from a position on; answers where it stopped. */
async function show(path: string, from: number, filter: LogFilter, json: boolean): Promise<number> {
  const end = statSync(path).size;
  if (end <= from) return end;
  const lines = createInterface({ input: createReadStream(path, { start: from, end: end - 1 }) });
  for await (const text of lines) {
    const line = parseLogLine(text);
    if (line !== undefined && passes(line, filter)) console.log(json ? text : renderLogLine(line));
  }
  return end;
}

/** A while back counts from the newest line: the host's clock may be ahead of the machine's. */
async function instant(text: string, path: string): Promise<number> {
  const back = parseDuration(text);
  if (back === undefined) {
    const at = Date.parse(text);
    if (Number.isNaN(at))
      throw new StartError(
        `--since takes an instant such as 2026-01-31T12:00:00Z or a while such as 10m, not "${text}".`,
      );
    return at;
  }
  let newest = Date.now();
  for await (const line of createInterface({ input: createReadStream(path) })) {
    newest = Date.parse(parseLogLine(line)?.time ?? "") || newest;
  }
  return newest - back;
}

main().catch(fail);
