import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addressIn } from "../../scripts/mail.ts";
import { openTable } from "../../shared/table/client.ts";
import { startTestStack, type TestStack } from "../support/stack.ts";

/**
 * A process dies at each of its calls in turn: there is no other place to lose anything. A crash before a call is a crash
 * after the call before it, so the walk over all calls needs only two kinds.
 */
let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack.process.close());

const kinds = ["crashAfter", "timeoutAfter"] as const;
const sesKinds = ["crashBefore", ...kinds] as const;

/** Runs the function's work for one new person with a fault at its n-th call; false once it makes fewer calls. */
async function strike(name: string, kind: (typeof kinds)[number], nth: number, email: string): Promise<boolean> {
  await stack.host.setFaults([{ function: name, kind, nth }]);
  const response = await stack.postLead({ email, firstName: "Ada" });
  expect(response.status).toBe(202);
  await stack.host.drain();
  // past visibility time-outs, leases and retries
  await stack.host.advance("1h", "5m");
  const { applied } = await stack.host.faults();
  await stack.host.setFaults([]);
  return applied.length > 0;
}

async function outcome(email: string) {
  const all = (await stack.contacts()).filter((contact) => contact.email === email).length;
  const found = await stack.contact(email);
  const names = found?.events.map(({ name }) => name) ?? [];
  return {
    contacts: all,
    submissions: names.filter((name) => name === "Form Submitted").length,
    mails: (await stack.mailsTo(email)).length,
    sent: names.filter((name) => name === "Email Sent").length,
  };
}

interface LedgerItem {
  readonly key: string;
  readonly state: string;
}

/** A contact's ledger items, straight from the table, in the order of their making. */
async function ledger({ host, contact }: TestStack, email: string): Promise<readonly LedgerItem[]> {
  const { urls, tables } = await host.state();
  const table = openTable(
    tables[0] ?? "",
    new DynamoDBClient({
      endpoint: urls.dynamodb ?? "",
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    }),
  );
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: "pk = :pk AND begins_with(sk, :sk)",
      ExpressionAttributeValues: { ":pk": `CONTACT#${(await contact(email))?.contact.id}`, ":sk": "MESSAGE#" },
    }),
  );
  return Items.toSorted((one, other) => String(one.requestedAt).localeCompare(String(other.requestedAt))).map(
    ({ sk, state }) => ({ key: String(sk).replace("MESSAGE#", ""), state }),
  );
}

describe.each(kinds)("%s", (kind) => {
  it("at any call of the stream function loses nothing and repeats nothing", async () => {
    let calls = 0;
    for (let nth = 1; nth <= 40; nth++) {
      const email = `stream-${kind.toLowerCase()}-${nth}@customers.example`;
      const struck = await strike("*table-stream*", kind, nth, email);
      expect([nth, await outcome(email)]).toEqual([nth, { contacts: 1, submissions: 1, mails: 1, sent: 1 }]);
      if (!struck) break;
      calls = nth;
    }
    expect(calls).toBeGreaterThanOrEqual(8);
    expect(calls).toBeLessThan(40);
  });

  it("at any call of the mail function sends at most one mail, and forgets none", async () => {
    const emails: string[] = [];
    let struck = true;
    while (struck && emails.length < 20) {
      const email = `mail-${kind.toLowerCase()}-${emails.length + 1}@customers.example`;
      struck = await strike("*-mail", kind, emails.length + 1, email);
      emails.push(email);
      expect((await outcome(email)).mails).toBeLessThanOrEqual(1);
    }
    expect(emails.length).toBeGreaterThan(4);
    expect(struck).toBe(false);
    // what is not known to be sent within a day is sent once more, since it is transactional
    await stack.host.advance("25h", "1h");
    for (const email of emails) {
      expect([email, await outcome(email)]).toEqual([email, { contacts: 1, submissions: 1, mails: 1, sent: 1 }]);
    }
  });
});

it.each(sesKinds)(
  "%s around the call that sends a welcome never sends it twice, and closes what stays unknown",
  async (kind) => {
    const email = `welcome-${kind.toLowerCase()}@customers.example`;
    await stack.postLead({ email, marketing: true });
    await stack.host.drain();
    await stack.host.setFaults([{ function: "*-mail", service: "ses", kind, nth: 1 }]);
    await stack.press((await stack.mailsTo(email))[0], "c");
    await stack.host.drain();
    await stack.host.advance("1h", "5m");
    await stack.host.setFaults([]);
    const sent = kind !== "crashBefore";
    expect((await ledger(stack, email)).map(({ state }) => state)).toEqual(["SENT", sent ? "SENT" : "UNKNOWN"]);
    await stack.host.advance("25h", "1h");
    expect((await ledger(stack, email)).map(({ state }) => state)).toEqual(["SENT", sent ? "SENT" : "UNCONFIRMED"]);
    expect(await stack.mailsTo(email)).toHaveLength(sent ? 2 : 1);
  },
);

/** Another round of people shops until so many calls have been cut off. */
const crashPoints = 300;
const peopleARound = 12;

interface Shopper {
  readonly email: string;
  readonly cartId: string;
  readonly orders: boolean;
}

it("300 crash points and 20 % throttles: every cart's mails once, none lost, what is unknown settled", async () => {
  // a series of its own would meet the frequency cap
  expect((await stack.staff("admin", "POST", "/v1/journeys/welcome/pause")).status).toBe(200);
  const key = await stack.apiKey();
  const shoppers: Shopper[] = [];
  const struck = { crash: 0, throttle: 0 };
  for (let round = 1; struck.crash < crashPoints; round++) {
    expect(round).toBeLessThan(10);
    const people = await subscribers(round);
    shoppers.push(...people);
    await untilDaylight();
    await stack.host.setFaults([
      ...(["crashBefore", "crashAfter", "timeoutAfter"] as const).map((kind, index) => ({
        kind,
        rate: 0.01,
        seed: round * 10 + index,
        times: Math.ceil((crashPoints - struck.crash) / 3),
      })),
      { kind: "throttle", service: "dynamodb", rate: 0.2, seed: round },
    ]);
    await Promise.all(people.map((shopper) => tell(key, shopper, "Checkout Started")));
    await stack.host.advance("28h", "30m");
    await Promise.all(people.filter(({ orders }) => orders).map((shopper) => tell(key, shopper, "Order Completed")));
    await stack.host.advance("52h", "30m");
    for (const { kind } of (await stack.host.faults()).applied) struck[kind === "throttle" ? "throttle" : "crash"]++;
    await stack.host.setFaults([]);
  }
  await stack.host.advance("26h", "1h");
  expect(struck.throttle).toBeGreaterThan(crashPoints);
  const { queues } = await stack.host.state();
  expect(queues.filter(({ deadLetterQueue, visible }) => deadLetterQueue && visible > 0)).toEqual([]);
  const arrived = await arrivals();
  for (const { email, cartId, orders } of shoppers) {
    const reminders = (await ledger(stack, email)).filter(({ key }) => key.startsWith("abandoned-cart-"));
    const wanted = orders ? ["first", "second"] : ["first", "second", "third"];
    const states = new Map(reminders.map(({ key, state }) => [key, state]));
    for (const step of wanted) {
      const name = `abandoned-cart-${cartId}-0-${step}`;
      // of whose fate nothing is known after a day it is closed, sent or not, and shown
      expect([name, states.get(name)]).toEqual([name, expect.stringMatching(/^(SENT|UNCONFIRMED)$/)]);
      const count = arrived.get(`${email} ${name}`) ?? 0;
      expect([name, count]).toEqual([name, states.get(name) === "SENT" ? 1 : expect.toSatisfy((n) => n <= 1)]);
    }
    expect(arrived.get(`${email} abandoned-cart-${cartId}-0-third`) ?? 0).toBeLessThanOrEqual(orders ? 0 : 1);
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
  const properties = { cart_id: cartId, order_id: cartId, currency: "USD", revenue: 25, value: 25, products: [] };
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

it("counts each of them once in the KPIs", async () => {
  await stack.host.advance("1h", "10m");
  const { items } = await (await stack.staff("manager", "GET", "/v1/kpis?period=year")).json();
  expect(items[0].value).toBe((await stack.contacts()).length);
});
