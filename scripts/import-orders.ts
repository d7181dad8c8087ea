import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { partsOf, textOf } from "./order-parts.ts";
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
  let part = 0;
  for (const { firstRow, csv } of partsOf(text, partCharacters)) {
    part++;
    query.set("firstRow", String(firstRow));
    await call("PUT", `${at}/parts/${part}?${query}`, csv, "text/csv");
    console.error(`Sent part ${part}.`);
  }
  const { file: held } = (await call("GET", at)) as { file: object };
  console.log(JSON.stringify(held, undefined, 2));
  if (!values.begin) return console.error(`Nothing is imported yet. Begin it by the same command with --begin.`);
  const body = JSON.stringify({ state: "running", withoutFaulty: values["without-faulty"] === true });
  await call("PATCH", at, body, "application/json");
  console.error(`The import has begun. How far it is: GET ${at}`);
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
