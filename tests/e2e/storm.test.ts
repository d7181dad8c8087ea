import { afterAll, beforeAll, expect, it } from "vitest";
import { addressIn } from "../../scripts/mail.ts";
import { ledgerOf } from "../support/ledger.ts";
import { startTestStack, type TestStack } from "../support/stack.ts";

/** Processes die everywhere while a fifth of the table's calls is refused, and carts get their reminders all the same. */
let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack.process.close());

/** Another round of people shops until so many calls have been cut off; `npm run test:storm` asks for 300. */
const crashPoints = Number(process.env.CRASH_POINTS ?? 5);
const peopleARound = Math.min(8, crashPoints);
/** In minutes. They come one after another: a batch shares its crashes, and ten at once would use up each other's tries. */
const comingEvery = 15;
/** Late enough for the second reminder, whatever struck it, and before the third. */
const orderAfter = 40 * 60;
const roundLasts = 80 * 60;
/** Whatever a cart's reminder passes through. */
const functions = ["intake", "table-stream", "stream-retry", "journeys", "mail", "ses-events", "due-sweep"];
const crashes = ["crashBefore", "crashAfter", "timeoutAfter"] as const;

interface Shopper {
  readonly email: string;
  readonly cartId: string;
  readonly orders: boolean;
}

const sentence = `${crashPoints} crash points and 20 % throttles: every cart's mails once, none lost, what is unknown settled`;
it(sentence, { timeout: 2_400_000 }, async () => {
  // a series of its own would meet the frequency cap
  expect((await stack.staff("admin", "POST", "/v1/journeys/welcome/pause")).status).toBe(200);
  const key = await stack.apiKey();
  const shoppers: Shopper[] = [];
  const struck = { crash: 0, throttle: 0 };
  for (let round = 1; struck.crash < crashPoints; round++) {
    expect(round).toBeLessThan(20);
    const people = await subscribers(round);
    shoppers.push(...people);
    await untilDaylight();
    await stack.host.setFaults(
      functions.flatMap((name, index) => [
        ...crashes.map((kind, each) => ({
          function: `*-${name}`,
          kind,
          rate: 0.01,
          seed: round * 100 + index * 10 + each,
        })),
        { function: `*-${name}`, kind: "throttle", service: "dynamodb", rate: 0.2, seed: round * 100 + index },
      ]),
    );
    for (let at = 0; at < roundLasts; ) {
      // small steps while they come, larger ones then
      const step = at < peopleARound * comingEvery ? comingEvery : 120;
      for (const [index, person] of people.entries()) {
        const isNow = (minute: number) => minute >= at && minute < at + step;
        if (isNow(index * comingEvery)) await tell(key, person, "Checkout Started");
        if (person.orders && isNow(index * comingEvery + orderAfter)) await tell(key, person, "Order Completed");
      }
      await stack.host.advance(`${step}m`, `${step}m`);
      at += step;
    }
    for (const { kind } of (await stack.host.faults()).applied) struck[kind === "throttle" ? "throttle" : "crash"]++;
    await stack.host.setFaults([]);
  }
  await stack.host.advance("26h", "1h");
  expect(struck.throttle).toBeGreaterThan(crashPoints);
  const { queues } = await stack.host.state();
  // a sweep or a roll-up that failed is made up for by the next one
  const work = queues.filter(({ name }) => !name.endsWith("-schedules-failures"));
  expect(work.filter(({ deadLetterQueue, visible }) => deadLetterQueue && visible > 0)).toEqual([]);
  const arrived = await arrivals();
  for (const { email, cartId, orders } of shoppers) {
    const ledger = new Map((await ledgerOf(stack, email)).map((item) => [item.key, item]));
    for (const step of orders ? ["first", "second"] : ["first", "second", "third"]) {
      const name = `abandoned-cart.${cartId}.0.${step}`;
      // of whose fate nothing is known after a day it is closed, sent or not, and shown
      expect(ledger.get(name)).toMatchObject({ key: name, state: expect.stringMatching(/^(SENT|UNCONFIRMED)$/) });
      const count = arrived.get(`${email} ${name}`) ?? 0;
      expect([name, count]).toEqual([
        name,
        ledger.get(name)?.state === "SENT" ? 1 : expect.toSatisfy((mails) => mails <= 1),
      ]);
    }
    expect(arrived.get(`${email} abandoned-cart.${cartId}.0.third`) ?? 0).toBeLessThanOrEqual(orders ? 0 : 1);
  }
});

/** How often each mail arrived, by address and key. */
async function arrivals(): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const { to, tags } of await stack.host.mails()) {
    const name = `${addressIn(to[0] ?? "")} ${Buffer.from(tags.message ?? "", "base64url")}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/** People who may get marketing mail. */
async function subscribers(round: number): Promise<readonly Shopper[]> {
  const shoppers = Array.from({ length: peopleARound }, (_, index) => ({
    email: `storm-${round}-${index}@customers.example`,
    cartId: `storm-${round}-${index}`,
    orders: index % 2 === 0,
  }));
  await Promise.all(shoppers.map(({ email }) => stack.postLead({ email, firstName: "Ada", marketing: true })));
  await stack.host.drain();
  for (const { email } of shoppers) expect(await stack.press((await stack.mailsTo(email))[0], "c")).toBe(200);
  await stack.host.drain();
  return shoppers;
}

/** To 15:00 UTC, when no house has quiet hours. */
async function untilDaylight(): Promise<void> {
  const now = new Date((await stack.host.state()).clock.now);
  await stack.host.advance(`${(15 * 60 - now.getUTCHours() * 60 - now.getUTCMinutes() + 1440) % 1440}m`, "3h");
}

/** Tells as a shop does: again and again until it is told that it was heard. */
async function tell(key: string, { email, cartId }: Shopper, event: string): Promise<void> {
  const mug = { product_id: "mug", name: "Mug", price: 25, quantity: 1 };
  const properties = { cart_id: cartId, order_id: cartId, currency: "USD", revenue: 25, value: 25, products: [mug] };
  const timestamp = (await stack.host.state()).clock.now;
  const message = { type: "track", event, messageId: `${cartId}-${event}`, timestamp, context: { traits: { email } } };
  for (let tries = 1; tries <= 20; tries++) {
    const response = await stack.track(key, { ...message, properties });
    await response.arrayBuffer();
    if (response.ok) return;
    expect(response.status).toBeGreaterThanOrEqual(500);
  }
  throw new Error(`${event} of ${email} was refused 20 times`);
}
