import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import Papa from "papaparse";
import { columnName, orderFormats } from "../shared/connectors/csv-formats.ts";
import { type CsvFile, readCsv } from "../shared/connectors/csv-rows.ts";
import { connectToStack } from "./stack.ts";

const help = `Sends a shop's exported orders (CSV) in parts, shows what they hold, and imports them when told to.

  npm run import-orders -- --source harbour --file orders_export.csv            what the file holds; nothing is imported
  npm run import-orders -- --source harbour --file orders_export.csv --begin    imports it, unless it has faults

  --id csv-2026            the import's id; without it csv- and the name of the file
  --format shopify         generic, shopify or woocommerce; without it the connected shop's
  --time-zone Europe/Paris of times that name no zone; without it the account's
  --currency EUR           where the file has no column for it
  --without-faulty         with --begin: leaves the orders that have faults out
  --staff-url https://… --token eyJ…    a deployed stack, with an administrator's access token; without them the local host
`;

const { values } = parseArgs({
  options: {
    source: { type: "string" },
    file: { type: "string" },
    id: { type: "string" },
    format: { type: "string" },
    "time-zone": { type: "string" },
    currency: { type: "string" },
    begin: { type: "boolean" },
    "without-faulty": { type: "boolean" },
    "staff-url": { type: "string" },
    token: { type: "string" },
    help: { type: "boolean", short: "h" },
  },
});
/** Far below what a request may have, whatever its quotes become on the way. */
const partCharacters = 1_500_000;

const { source, file } = values;
if (values.help || source === undefined || file === undefined) console.log(help);
else await importOrders(source, file);

async function importOrders(shop: string, path: string): Promise<void> {
  const text = textOf(await readFile(path));
  const name = path.replace(/^.*[\\/]/, "").replace(/\.\w+$/, "");
  const id = values.id ?? `csv-${name.replaceAll(/[^\w-]+/g, "-").slice(0, 50)}`;
  const at = `/v1/sources/${shop}/imports/${id}`;
  const query = new URLSearchParams(
    Object.entries({ format: values.format, timeZone: values["time-zone"], currency: values.currency }).filter(
      (pair): pair is [string, string] => pair[1] !== undefined,
    ),
  );
  const csv = readCsv(Buffer.from(text));
  let part = 0;
  for (const rows of partsOf(csv)) {
    part++;
    query.set("firstRow", String(rows.firstRow));
    await call("PUT", `${at}/parts/${part}?${query}`, rows.text, "text/csv");
    console.error(`Sent part ${part}.`);
  }
  const { file: held } = (await call("GET", at)) as { file: object };
  console.log(JSON.stringify(held, undefined, 2));
  if (!values.begin) return console.error(`Nothing is imported yet. Begin it by the same command with --begin.`);
  const body = JSON.stringify({ state: "running", withoutFaulty: values["without-faulty"] === true });
  await call("PATCH", at, body, "application/json");
  console.error(`The import has begun. How far it is: GET ${at}`);
}

/** Spreadsheets write UTF-8, UTF-16 or the signs of Windows; the API takes UTF-8. */
function textOf(raw: Buffer): string {
  const mark = raw.subarray(0, 2).toString("hex");
  if (mark === "fffe" || mark === "feff") return new TextDecoder(mark === "fffe" ? "utf-16le" : "utf-16be").decode(raw);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(raw);
  } catch {
    return new TextDecoder("windows-1252").decode(raw);
  }
}

/** Parts between orders, each with the column names; an order's rows have its number or name in common. */
function* partsOf({ header, rows }: CsvFile): Generator<{ readonly firstRow: number; readonly text: string }> {
  const groups = Object.values(orderFormats).flatMap(({ columns, groupedBy }) => columns[groupedBy] ?? []);
  const names = header.map(columnName);
  const group = names.findIndex((name) => groups.includes(name));
  let [firstRow, lines, length] = [2, [] as string[], 0];
  const text = () => [Papa.unparse([header]), ...lines].join("\n");
  for (const [at, { row, cells }] of rows.entries()) {
    const isNew = cells[group] !== rows[at - 1]?.cells[group];
    if (isNew && length > partCharacters) {
      yield { firstRow, text: text() };
      [firstRow, lines, length] = [row, [], 0];
    }
    // Empty rows keep their places, so that faults name rows as the file has them.
    while (firstRow + lines.length < row) lines.push("");
    const line = Papa.unparse([cells]);
    lines.push(line);
    length += line.length + 1;
  }
  if (lines.length > 0) yield { firstRow, text: text() };
}

async function call(method: string, path: string, body?: string, type?: string): Promise<unknown> {
  const { url, token } = await access();
  const headers = { authorization: `Bearer ${token}`, ...(type !== undefined && { "content-type": type }) };
  const response = await fetch(`${url}${path}`, { method, headers, ...(body !== undefined && { body }) });
  if (response.ok) return response.json();
  const { detail } = (await response.json()) as { detail?: string };
  console.error(`${method} ${path} answered ${response.status}: ${detail}`);
  process.exit(1);
}

async function access(): Promise<{ readonly url: string; readonly token: string }> {
  const { "staff-url": url, token } = values;
  if (url !== undefined && token !== undefined) return { url, token };
  const stack = await connectToStack(process.env.LOCAL_CONTROL_URL);
  return { url: stack.staffUrl, token: await stack.host.token("admin") };
}
