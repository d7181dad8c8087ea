import { setTimeout } from "node:timers/promises";
import { costOf } from "../local/cost.ts";
import type { MeterSnapshot, Tally } from "../local/gateway/meter.ts";
import { startHostProcess } from "../local/host-process.ts";
import { connectToStack, type Stack } from "../scripts/stack.ts";
import { contactsOfPage } from "../shared/segments/rebuild-store.ts";
import { atMost, type Figure, plain } from "./figure.ts";
import { load } from "./load.ts";
import { loadPeople } from "./people.ts";
import { openTrack, type Track } from "./track.ts";

export interface SegmentsBench {
  readonly assembly: string;
  /** Where the host keeps its data: it is started anew once the people are loaded. */
  readonly dataDirectory: string;
  readonly contacts: number;
  readonly concurrency: number;
  readonly report: (step: string) => void;
}

const patience = "280s";
const mostDrains = 10;
const orders = 100;
/** What an event costs with many segments beside what it costs with few. */
const few = 5;
const many = 50;

/**
 * What an order of a known contact costs with 5 and with 50 live segments; then, over generated contacts, what the
 * rebuild of a definition costs: of a new one, of one that changes few memberships, and of one that asks for events.
 */
export async function benchSegments(options: SegmentsBench): Promise<readonly Figure[]> {
  return [...(await benchEvents(options)), ...(await benchRebuilds(options))];
}

async function benchEvents({ assembly, concurrency, report }: SegmentsBench): Promise<readonly Figure[]> {
  report("starting the stacks");
  await using host = await startHostProcess({ assembly, after: "node scripts/seed.ts --bare" });
  const stack = await connectToStack(host.controlUrl);
  const track = await openTrack(stack, () => stack.publicUrl);
  const figures: Figure[] = [];
  const dollars: number[] = [];
  for (const live of [few, many]) {
    report(`an order of a known contact with ${live} live segments`);
    for (let at = 0; at < live; at++) await define(stack, `bench-${at}`, ruleOfSort(at));
    // longer than the functions keep their list of segments, and until the rebuilds are over
    await pass(stack, "61s");
    const { totals } = await orderAgain(stack, track, `live${live}`, concurrency);
    dollars.push(perMillion(totals, orders));
    figures.push(...useOf(`an order, ${live} live segments`, totals, orders));
  }
  const [withFew = 0, withMany = 0] = dollars;
  return [
    ...figures,
    atMost(`an order: ${many} segments over ${few}, modelled dollars`, withMany / withFew, "ratio", 2),
  ];
}

/** Each customer's third order, metered from the door to rest; the first two are its history. */
async function orderAgain(stack: Stack, track: Track, prefix: string, concurrency: number): Promise<MeterSnapshot> {
  const orderOf = (number: number) => (index: number) =>
    track("Order Completed", `${prefix}-${index}@customers.example`, {
      order_id: `${prefix}-${index}-${number}`,
      revenue: 20,
      currency: "USD",
      products: [{ product_id: "mug", name: "Mug", price: 20, quantity: 1 }],
    });
  for (const number of [1, 2]) {
    await load(orders, concurrency, orderOf(number));
    await stack.host.drain(patience);
  }
  await stack.host.resetMeter();
  await load(orders, concurrency, orderOf(3));
  await stack.host.drain(patience);
  return stack.host.meter();
}

/** Segments of all sorts: on orders, on time, on events, and on what an order does not touch. */
function ruleOfSort(at: number): object {
  const sorts = [
    { type: "elapsed", since: "lastOrder", atLeastDays: 90 + at },
    { type: "event", name: "Order Completed", measure: "count", op: "gte", value: 9 + at, withinDays: 90 },
    { type: "attribute", attribute: "fields.country", op: "eq", value: `C${at}` },
    { type: "attribute", attribute: "revenue.USD", op: "gte", value: 1_000_000 + at },
    { type: "overdue", times: 2 + at },
  ];
  return sorts[at % sorts.length] ?? {};
}

async function benchRebuilds(options: SegmentsBench): Promise<readonly Figure[]> {
  const { assembly, dataDirectory, contacts, report } = options;
  const start = () => startHostProcess({ assembly, dataDirectory, after: "node scripts/seed.ts --bare" });
  report(`loading ${contacts} contacts`);
  let seconds = 0;
  {
    await using host = await start();
    const began = performance.now();
    await loadPeople(await connectToStack(host.controlUrl), contacts, progressOf(contacts, report));
    seconds = (performance.now() - began) / 1000;
  }
  await using host = await start();
  const stack = await connectToStack(host.controlUrl);
  await stack.host.drain(patience);
  const spent = (value: number) => ({ type: "attribute", attribute: "revenue.USD", op: "gte", value });
  const twice = { type: "event", name: "Order Completed", measure: "count", op: "gte", value: 2, withinDays: 180 };
  const census = await benchCensus(stack, options);
  return [
    plain("loading: contacts with their events", contacts / seconds, "contact/s"),
    ...census,
    ...(await rebuild(stack, { name: "a new definition", id: "spenders", rule: spent(20_000) }, options)),
    ...(await rebuild(
      stack,
      { name: "the same, moved a little", id: "spenders", rule: spent(20_200), version: 1 },
      options,
    )),
    ...(await rebuild(stack, { name: "a new one on events", id: "repeat-buyers", rule: twice, clocks: true }, options)),
  ];
}

/**
 * A census of all contacts and, since nobody orders here and recency moves, the rebuild of the one segment that asks for
 * ranks; before a segment is there whose clocks would ring. Cut points are held for a week: eight days have one census.
 */
async function benchCensus(stack: Stack, { contacts, report }: SegmentsBench): Promise<readonly Figure[]> {
  report("the night's census");
  await define(stack, "top", { type: "valueTier", tier: "high", currency: "USD" });
  // The first census comes with the definition, and its cut points' rebuild a minute later.
  await pass(stack, "61s");
  await pass(stack, "61s");
  await stack.host.resetMeter();
  await pass(stack, "192h");
  const meter = await stack.host.meter();
  const both = [tallyOf(meter, "-segments"), tallyOf(meter, "-table-stream")];
  return [
    plain(
      "census, and a rebuild: read units per contact",
      sum(both.map(({ readUnits }) => readUnits)) / contacts,
      "units",
    ),
    plain("census, and a rebuild: write units", sum(both.map(({ writeUnits }) => writeUnits)), "units"),
    plain("census, and a rebuild: requests per contact", sum(both.map(callsOf)) / contacts, "calls"),
    plain("census, and a rebuild: function CPU per contact", sum(both.map(({ cpuMs }) => cpuMs)) / contacts, "ms"),
    plain(
      "census, and a rebuild: modelled, per 100,000 contacts",
      sum(both.map((it) => perMillion(it, contacts))) / 10,
      "$",
    ),
  ];
}

interface SegmentView {
  readonly id: string;
  readonly rebuild: { readonly done: boolean; readonly evaluated: number; readonly members: number };
}

interface Rebuilt {
  readonly name: string;
  readonly id: string;
  readonly rule: object;
  /** The version that a changed definition takes the place of. */
  readonly version?: number;
  /** Whether time changes its answers, so that who enters gets a clock and its due item: two writes more. */
  readonly clocks?: boolean;
}

/** Saves a definition and waits for its rebuild, which begins a minute later. */
async function rebuild(
  stack: Stack,
  { name, id, rule, version, clocks = false }: Rebuilt,
  { contacts, report }: SegmentsBench,
): Promise<readonly Figure[]> {
  report(`rebuild: ${name}`);
  await define(stack, id, rule, version);
  await stack.host.resetMeter();
  const passed = pass(stack, "61s");
  const began = performance.now();
  const view = await rebuilt(stack, id, progressOf(contacts, report));
  const seconds = (performance.now() - began) / 1000;
  await passed;
  const meter = await stack.host.meter();
  const [worker, stream] = [tallyOf(meter, "-segments"), tallyOf(meter, "-table-stream")];
  // Each entry and exit is told by one event on its contact's timeline.
  const flips = stream.calls["dynamodb:PutItem"] ?? 0;
  const both = [worker, stream];
  return [
    plain(`rebuild, ${name}: seconds`, seconds, "s"),
    plain(`rebuild, ${name}: entries and exits`, flips, "changes"),
    atMost(`rebuild, ${name}: contacts looked at, of all`, view.rebuild.evaluated / contacts, "ratio", 1),
    plain(`rebuild, ${name}: read units per contact`, worker.readUnits / contacts, "units"),
    ...(flips === 0
      ? []
      : changeFigures(name, { worker, stream, flips, pages: contacts / contactsOfPage, bound: clocks ? 5.2 : 3.2 })),
    plain(`rebuild, ${name}: requests per contact`, sum(both.map(callsOf)) / contacts, "calls"),
    plain(`rebuild, ${name}: function CPU per contact`, sum(both.map(({ cpuMs }) => cpuMs)) / contacts, "ms"),
    plain(
      `rebuild, ${name}: modelled, per 100,000 contacts`,
      sum(both.map((it) => perMillion(it, contacts))) / 10,
      "$",
    ),
  ];
}

function changeFigures(
  name: string,
  {
    worker,
    stream,
    flips,
    pages,
    bound,
  }: { worker: Tally; stream: Tally; flips: number; pages: number; bound: number },
): readonly Figure[] {
  return [
    atMost(
      `rebuild, ${name}: write units per entry or exit, beyond a page's note`,
      (worker.writeUnits + stream.writeUnits - pages) / flips,
      "units",
      bound,
    ),
    plain(`rebuild, ${name}: read units that follow from one`, stream.readUnits / flips, "units"),
  ];
}

/** A rebuild begins after a minute. What it starts is not over within an advance's patience when contacts are many. */
async function pass({ host }: Stack, by: string): Promise<void> {
  await host.advance(by, by).catch(() => undefined);
  for (let tries = 1; ; tries++) {
    try {
      return await host.drain(patience);
    } catch (error) {
      if (tries === mostDrains) throw error;
    }
  }
}

/** Waits until a segment is rebuilt. The list is read, whose cost is the staff function's and so is not metered here. */
async function rebuilt(stack: Stack, id: string, progress: (done: number) => void): Promise<SegmentView> {
  for (;;) {
    const response = await stack.staff("manager", "GET", "/v1/segments");
    const { items } = (await response.json()) as { readonly items: readonly SegmentView[] };
    const view = items.find((item) => item.id === id);
    if (view?.rebuild.done) return view;
    progress(view?.rebuild.evaluated ?? 0);
    await setTimeout(500);
  }
}

async function define(stack: Stack, id: string, rule: object, version?: number): Promise<void> {
  const headers = version === undefined ? {} : { "if-match": `"${version}"` };
  const response = await stack.staff("admin", "PUT", `/v1/segments/${id}`, { body: { name: id, rule }, headers });
  // What was made before stays as it is.
  if (!response.ok && response.status !== 409) {
    throw new Error(`the segment ${id} was answered ${response.status}: ${await response.text()}`);
  }
}

/** Tells at each tenth how far something has come. */
function progressOf(total: number, report: (step: string) => void): (done: number) => void {
  let told = 0;
  return (done) => {
    const tenths = Math.floor((done / total) * 10);
    if (tenths <= told) return;
    told = tenths;
    report(`  ${"█".repeat(tenths)}${"░".repeat(10 - tenths)} ${done} of ${total}`);
  };
}

function tallyOf({ functions }: MeterSnapshot, ending: string): Tally {
  const tally = Object.entries(functions).find(([name]) => name.endsWith(ending))?.[1];
  if (tally === undefined) throw new Error(`no function ending with ${ending} has run`);
  return tally;
}

function useOf(name: string, totals: Tally, count: number): readonly Figure[] {
  return [
    plain(`${name}: write units`, totals.writeUnits / count, "units"),
    plain(`${name}: read units`, totals.readUnits / count, "units"),
    plain(`${name}: requests`, callsOf(totals) / count, "calls"),
    plain(`${name}: function CPU`, totals.cpuMs / count, "ms"),
    plain(`${name}: modelled, logs included, per million`, perMillion(totals, count), "$"),
  ];
}

function callsOf({ calls }: Tally): number {
  return sum(Object.values(calls));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function perMillion(tally: Tally, count: number): number {
  return (costOf(tally).total / count) * 1e6;
}
