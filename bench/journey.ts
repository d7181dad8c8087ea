import { costOf } from "../local/cost.ts";
import type { Tally } from "../local/gateway/meter.ts";
import { startHostProcess } from "../local/host-process.ts";
import { connectToStack, type Stack } from "../scripts/stack.ts";
import { atMost, type Figure, plain, quantile } from "./figure.ts";
import { killFunctionProcesses } from "./kill.ts";
import { load } from "./load.ts";
import { askForPing, preparePings, sentPings } from "./ping.ts";
import { openTrack, type Track } from "./track.ts";

export interface JourneyBench {
  readonly assembly: string;
  /** Where the host keeps its data, so that it can be killed and started again. */
  readonly dataDirectory: string;
  readonly carts: number;
  readonly burst: number;
  readonly concurrency: number;
  readonly report: (step: string) => void;
}

const patience = "290s";
const steadySeconds = 20;
const eventsPerCart = 6;
/** What a killed function held comes back by its queue's visibility time-out, minutes later: the clock is moved then. */
const burstPatienceSeconds = 120;

/**
 * Carts of six events each, half of them ordered; single mails at a steady pace; and a burst of mails three times over:
 * in peace, with the function processes killed meanwhile, and with the whole host killed and started again.
 */
export async function benchJourneys(options: JourneyBench): Promise<readonly Figure[]> {
  const { assembly, dataDirectory, burst, report } = options;
  const start = () => startHostProcess({ assembly, dataDirectory, after: "node scripts/seed.ts --bare" });
  let host = await start();
  let stack = await connectToStack(host.controlUrl);
  const current = () => stack;
  try {
    await preparePings(stack);
    const track = await openTrack(stack, () => stack.publicUrl);
    const figures = [...(await benchCarts(stack, track, options))];
    for (const perSecond of [5, 20]) {
      report(`${perSecond} events a second, a mail each, for ${steadySeconds} s`);
      figures.push(...(await steady(stack, track, perSecond)));
    }
    report("what an event, its mail, an open and a click use");
    figures.push(...(await meterMails(stack, track)));
    report(`a burst of ${burst} events, a mail each`);
    figures.push(...(await burstOf("burst", current, track, options)));
    report("the same, all function processes killed every three seconds");
    const killer = setInterval(() => killFunctionProcesses(host.pid), 3_000);
    figures.push(
      ...(await burstOf("processes-killed", current, track, options, { stop: () => clearInterval(killer) })),
    );
    report("the same, the whole host killed after three seconds and started again");
    const restart = new Promise((resolve) => setTimeout(resolve, 3_000)).then(async () => {
      await host.kill();
      host = await start();
      stack = await connectToStack(host.controlUrl);
    });
    figures.push(...(await burstOf("host-killed", current, track, options, { until: restart })));
    return figures;
  } finally {
    await host.close();
  }
}

async function benchCarts(stack: Stack, track: Track, { carts, concurrency, report }: JourneyBench) {
  const { host } = stack;
  report("warming up");
  await load(50, concurrency, (index) => fillCart(track, `warm-${index}`, true));
  await host.drain(patience);
  report(`${carts} carts of ${eventsPerCart} events, half of them ordered`);
  await host.resetMeter();
  const began = performance.now();
  const door = await load(carts, concurrency, (index) => fillCart(track, `cart-${index}`, index % 2 === 0));
  await host.drain(patience);
  const settled = (performance.now() - began) / 1000;
  const { totals } = await host.meter();
  const events = carts * eventsPerCart;
  return [
    plain("carts: events a second through the door", door.perSecond * eventsPerCart, "event/s"),
    plain("carts: events a second, from the first post to rest", events / settled, "event/s"),
    atMost("carts: write units per event, door and fold", totals.writeUnits / events, "units", 6),
    plain("carts: read units per event", totals.readUnits / events, "units"),
    plain("carts: requests to table, queues and SES per event", callsOf(totals) / events, "calls"),
    plain("carts: function CPU per event", totals.cpuMs / events, "ms"),
    plain("carts: modelled, logs included, per million events", (costOf(totals).total / events) * 1e6, "$"),
  ];
}

async function fillCart(track: Track, id: string, ordered: boolean): Promise<void> {
  const email = `${id}@customers.example`;
  const tea = { product_id: "tea", name: "Green tea", price: 12.5, quantity: 2, currency: "USD" };
  const cup = { product_id: "cup", name: "Cup", price: 8, quantity: 1, currency: "USD" };
  const cart = { cart_id: id, currency: "USD", value: 33, products: [tea, cup] };
  await track("Product Viewed", email, tea);
  await track("Product Added", email, { ...tea, cart_id: id });
  await track("Product Added", email, { ...cup, cart_id: id });
  await track("Cart Viewed", email, cart);
  await track("Checkout Started", email, cart);
  if (ordered) await track("Order Completed", email, { ...cart, order_id: `order-${id}`, revenue: 33 });
  else await track("Product Viewed", email, cup);
}

/** One event after the other at an even pace, each timed from its post to its mail's arrival. */
async function steady(stack: Stack, track: Track, perSecond: number): Promise<readonly Figure[]> {
  const prefix = `steady${perSecond}-`;
  const asked = new Map<string, number>();
  const posts = Array.from({ length: perSecond * steadySeconds }, async (_, index) => {
    await new Promise((resolve) => setTimeout(resolve, (index * 1000) / perSecond));
    const id = `${prefix}${index}`;
    asked.set(id, Date.now());
    await askForPing(track, id);
  });
  await Promise.all(posts);
  await stack.host.drain(patience);
  const sent = await sentPings(stack, prefix);
  const waits = [...asked].flatMap(([id, at]) => (sent.get(id) ?? []).slice(0, 1).map((arrived) => arrived - at));
  const name = `steady ${perSecond}/s: event to mailbox`;
  return [
    atMost(`${name}, p50`, quantile(waits, 0.5), "ms", 500),
    plain(`${name}, p99`, quantile(waits, 0.99), "ms"),
    atMost(`${name}, without a mail`, asked.size - sent.size, "mails", 0),
  ];
}

/** What happens during a burst: `until` it is over nothing is awaited, and `stop` ends it. */
interface Trouble {
  readonly until?: Promise<unknown>;
  readonly stop?: () => void;
}

async function deadLetters({ host }: Stack): Promise<number> {
  const { queues } = await host.state();
  return queues.reduce((sum, { deadLetterQueue, visible }) => sum + (deadLetterQueue ? visible : 0), 0);
}

/** As many events at once as the machine takes; seconds from the first post until every mail is in the mailbox. */
async function burstOf(
  name: string,
  stack: () => Stack,
  track: Track,
  { burst, concurrency }: JourneyBench,
  trouble: Trouble = {},
): Promise<readonly Figure[]> {
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  const start = Date.parse((await stack().host.state()).clock.now);
  await load(burst, concurrency, (index) => askForPing(track, `${name}-${index}`));
  const accepted = seconds();
  await trouble.until;
  let sent = await sentPings(stack(), `${name}-`);
  while (sent.size < burst && seconds() < burstPatienceSeconds) {
    // Seldom: the host that lists the mails is the one that is measured. The mails say when they came.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    sent = await sentPings(stack(), `${name}-`);
  }
  const took = (Math.max(...[...sent.values()].flat()) - start) / 1000;
  // before the clock moves: a kill every three seconds would be one in every hour of its time
  trouble.stop?.();
  await stack().host.drain(patience);
  // what was held back by a lease or a visibility time-out comes by the clock
  await stack().host.advance("1h", "5m");
  await stack().host.advance("25h", "1h");
  const settled = await sentPings(stack(), `${name}-`);
  const doubles = [...settled.values()].reduce((sum, times) => sum + times.length - 1, 0);
  return [
    plain(`${name}: seconds until all events are stored`, accepted, "s"),
    sent.size === burst
      ? atMost(`${name}: seconds until all mails are in the mailbox`, took, "s", 45)
      : plain(`${name}: mails that wait for a visibility time-out or a lease`, burst - sent.size, "mails"),
    atMost(`${name}: lost`, burst - settled.size, "mails", 0),
    atMost(`${name}: double`, doubles, "mails", 0),
    atMost(`${name}: dead letters`, await deadLetters(stack()), "messages", 0),
  ];
}

const meteredMails = 300;

/** The mail function is held back, so that events and mails are metered apart. */
async function meterMails({ host }: Stack, track: Track): Promise<readonly Figure[]> {
  const mailFunction = (await host.state()).functions.map(({ name }) => name).find((name) => name.endsWith("-mail"));
  if (mailFunction === undefined) throw new Error("there is no mail function");
  const metered = async (work: () => Promise<void>) => {
    await host.resetMeter();
    await work();
    await host.drain(patience);
    return (await host.meter()).totals;
  };
  await host.setSource(mailFunction, false);
  const event = await metered(async () => {
    await load(meteredMails, 8, (index) => askForPing(track, `metered-${index}`));
  });
  const mail = await metered(() => host.setSource(mailFunction, true));
  const mails = (await host.mails()).slice(-meteredMails);
  const reading = await metered(async () => {
    for (const { messageId } of mails) {
      await host.mailEvent(messageId, "open");
      await host.mailEvent(messageId, "click", { link: "https://shop.example/" });
    }
  });
  return [
    ...useOf("an event that starts a run, of a new person", event, meteredMails),
    ...useOf("its mail, up to its delivery event", mail, meteredMails, 9),
    ...useOf("an open or a click", reading, meteredMails * 2, 3),
    plain(
      "modelled without SES's fee, per 1,000 mails",
      (costOf({ ...mail, sesRecipients: 0 }).total / meteredMails) * 1e3,
      "$",
    ),
  ];
}

function useOf(name: string, totals: Tally, count: number, bound?: number): readonly Figure[] {
  const units = totals.writeUnits / count;
  return [
    bound === undefined
      ? plain(`${name}: write units`, units, "units")
      : atMost(`${name}: write units`, units, "units", bound),
    plain(`${name}: read units`, totals.readUnits / count, "units"),
    plain(`${name}: requests`, callsOf(totals) / count, "calls"),
    plain(`${name}: function CPU`, totals.cpuMs / count, "ms"),
  ];
}

function callsOf({ calls }: Tally): number {
  return Object.values(calls).reduce((total, count) => total + count, 0);
}
