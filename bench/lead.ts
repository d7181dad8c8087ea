import { randomBytes, randomUUID } from "node:crypto";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { costOf } from "../local/cost.ts";
import type { MeterSnapshot, Tally } from "../local/gateway/meter.ts";
import { readMails } from "../scripts/mail.ts";
import { sampleForm } from "../scripts/sample.ts";
import type { Stack } from "../scripts/stack.ts";
import { atMost, type Figure, plain } from "./figure.ts";
import { load } from "./load.ts";

export interface LeadBench {
  readonly leads: number;
  readonly concurrency: number;
  readonly report: (step: string) => void;
}

const warmUpLeads = 300;
/** How long the host may take to work off what a phase has brought. */
const patience = "280s";
const quietLeads = 200;

/**
 * Leads through the door and the whole chain, the mail function held back so that leads and mails are metered apart;
 * then the mails up to their delivery events; then opens and clicks.
 */
export async function benchLeads(stack: Stack, { leads, concurrency, report }: LeadBench): Promise<readonly Figure[]> {
  const { host } = stack;
  const mailFunction = await functionNamed(stack, "mail");
  report("warming up");
  await load(warmUpLeads, concurrency, (index) => postLead(stack, `warm-${index}`));
  await host.drain(patience);

  report("one lead at a time");
  await host.resetMeter();
  const quiet = await load(quietLeads, 1, (index) => postLead(stack, `quiet-${index}`));
  const quietMeter = await host.meter();
  await host.drain(patience);

  report("raw puts, straight to the engine");
  const raw = await rawPuts(stack, leads, concurrency);

  report(`${leads} leads`);
  await host.setSource(mailFunction, false);
  await host.resetMeter();
  const started = performance.now();
  const door = await load(leads, concurrency, (index) => postLead(stack, `lead-${index}`));
  await host.drain(patience);
  const settled = (performance.now() - started) / 1000;
  const chain = await host.meter();

  report("their mails");
  await host.resetMeter();
  await host.setSource(mailFunction, true);
  await host.drain(patience);
  const mailMeter = await host.meter();

  report("opens and clicks");
  const mails = (await readMails(host)).slice(-200);
  await host.resetMeter();
  for (const { id } of mails) {
    await host.mailEvent(id, "open");
    await host.mailEvent(id, "click", { link: "https://shop.example/" });
  }
  await host.drain(patience);
  const reading = await host.meter();

  return [
    plain("raw conditional put: per second", raw.perSecond, "put/s"),
    plain("raw conditional put: p50", raw.p50, "ms"),
    plain("raw conditional put: p99", raw.p99, "ms"),
    plain("door: per second, whole chain running beside it", door.perSecond, "req/s"),
    plain("door: p50", door.p50, "ms"),
    plain("door: p99", door.p99, "ms"),
    plain("door: p50 over the raw put's", door.p50 / raw.p50, "ratio"),
    plain("chain: leads a second, from the first post to rest", leads / settled, "lead/s"),
    plain("door: p50, one at a time", quiet.p50, "ms"),
    ...doorFigures(chain, leads, quietMeter),
    ...chainFigures(chain, leads),
    ...mailFigures(mailMeter),
    atMost("an open or click: write units", reading.totals.writeUnits / (mails.length * 2), "units", 3),
    ...(await completeness(stack, leads)),
  ];
}

async function functionNamed({ host }: Stack, ending: string): Promise<string> {
  const { functions } = await host.state();
  const name = functions.map((it) => it.name).find((it) => it.endsWith(`-${ending}`));
  if (name === undefined) throw new Error(`no function ends with ${ending}`);
  return name;
}

async function postLead({ publicUrl }: Stack, id: string): Promise<void> {
  const number = randomBytes(3);
  const response = await fetch(`${publicUrl}/v1/forms/${sampleForm.id}/submissions`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "idempotency-key": randomUUID(),
      "x-local-source-ip": `10.${number[0]}.${number[1]}.${number[2]}`,
    },
    body: JSON.stringify({
      email: `${id}@customers.example`,
      firstName: "Ada",
      lastName: "Lovelace",
      company: "Analytical Engines",
      message: "Please call me about a quote for two hundred mugs.",
      page: { url: "https://shop.example/contact", utm_source: "newsletter", utm_campaign: "autumn" },
    }),
  });
  await response.arrayBuffer();
  if (response.status !== 202) throw new Error(`a lead was answered ${response.status}`);
}

/** Puts of an item as large as an ordinary intake item, on condition that it is new. */
async function rawPuts(stack: Stack, count: number, concurrency: number) {
  const { urls, tables } = await stack.host.state();
  const client = new DynamoDBClient({
    endpoint: urls.dynamodb ?? "",
    region: "us-east-1",
    credentials: { accessKeyId: "bench", secretAccessKey: "bench" },
  });
  const filler = "x".repeat(620);
  const result = await load(count, concurrency, async (index) => {
    const Item = marshall({ pk: `BENCH#${index}`, sk: "BENCH", filler });
    await client.send(
      new PutItemCommand({ TableName: tables[0], Item, ConditionExpression: "attribute_not_exists(pk)" }),
    );
  });
  client.destroy();
  return result;
}

function doorOf({ routes }: MeterSnapshot): Tally {
  const door = routes["POST /v1/forms/{formId}/submissions"];
  if (door === undefined) throw new Error(`the meter has no door; it has ${Object.keys(routes).join(", ")}`);
  return door;
}

/** Lambda bills the door's waiting too, so its price is taken where this machine's load does not lengthen the wait. */
function doorFigures(meter: MeterSnapshot, leads: number, _quiet: MeterSnapshot): readonly Figure[] {
  const door = doorOf(meter);
  return [
    atMost("door: write units per lead", door.writeUnits / leads, "units", 2),
    atMost("door: read units per lead", door.readUnits / leads, "units", 1),
    plain("door: calls per lead", sum(door.calls) / leads, "calls"),
    plain("door: function CPU per lead", door.cpuMs / leads, "ms"),
    atMost(
      "door: modelled, logs included, per million leads",
      perMillion(withLogsOf(door, meter, "-intake"), leads),
      "$",
      3.2,
    ),
  ];
}

function chainFigures(meter: MeterSnapshot, leads: number): readonly Figure[] {
  const { totals } = meter;
  return [
    atMost("lead → profile → KPI entry: write units", totals.writeUnits / leads, "units", 10),
    plain("lead → profile → KPI entry: read units", totals.readUnits / leads, "units"),
    plain("lead → profile → KPI entry: calls", sum(totals.calls) / leads, "calls"),
    plain("lead → profile → KPI entry: function CPU", totals.cpuMs / leads, "ms"),
    atMost("lead → KPI: modelled, logs included, per million leads", perMillion(totals, leads), "$", 10),
  ];
}

function mailFigures({ totals }: MeterSnapshot): readonly Figure[] {
  return [
    plain("mails", totals.sesMessages, "mails"),
    atMost("a mail up to its delivery event: write units", totals.writeUnits / totals.sesMessages, "units", 9),
    plain("a mail up to its delivery event: read units", totals.readUnits / totals.sesMessages, "units"),
    plain(
      "a mail: modelled without SES's fee, per million",
      perMillion({ ...totals, sesRecipients: 0 }, totals.sesMessages),
      "$",
    ),
  ];
}

async function completeness(stack: Stack, leads: number): Promise<readonly Figure[]> {
  const mails = await stack.host.mails();
  const recipients = mails.map(({ to }) => to[0] ?? "").filter((to) => to.includes("lead-"));
  const { queues } = await stack.host.state();
  const dead = queues
    .filter(({ deadLetterQueue }) => deadLetterQueue)
    .reduce((total, { visible }) => total + visible, 0);
  await stack.host.advance("1h", "30m");
  const response = await stack.staff("manager", "GET", "/v1/kpis?period=year");
  const { items } = (await response.json()) as { items: readonly { value: number }[] };
  return [
    atMost("lost: leads missing from the KPI", leads + warmUpLeads + quietLeads - (items[0]?.value ?? 0), "leads", 0),
    atMost("lost: leads without their mail", leads - new Set(recipients).size, "leads", 0),
    atMost("double: mails beyond one each", recipients.length - new Set(recipients).size, "mails", 0),
    atMost("dead letters", dead, "messages", 0),
  ];
}

function sum(calls: Readonly<Record<string, number>>): number {
  return Object.values(calls).reduce((total, count) => total + count, 0);
}

/** A route's tally holds its access log; what its function wrote is metered by function. */
function withLogsOf(route: Tally, meter: MeterSnapshot, ending: string): Tally {
  const logBytes = Object.entries(meter.functions).find(([name]) => name.endsWith(ending))?.[1].logBytes ?? 0;
  return { ...route, logBytes: route.logBytes + logBytes };
}

function perMillion(tally: Parameters<typeof costOf>[0], count: number): number {
  return (costOf(tally).total / count) * 1e6;
}
