import { DynamoDBClient, UpdateTableCommand } from "@aws-sdk/client-dynamodb";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { hostCredentials } from "../local/engines/host-credentials.ts";
import type { Stack } from "../scripts/stack.ts";
import { contactItem } from "../shared/contacts/contact.ts";
import { refold } from "../shared/contacts/profile.ts";
import { createEvent, type Event } from "../shared/events/event.ts";
import { openTable } from "../shared/table/client.ts";
import { batchSize, writeBatch } from "./write-batch.ts";

const day = 86_400_000;
const concurrency = 8;

/**
 * A generated person's events: a form within the last two years; four in ten then order, most of them once or twice, a
 * few often, for amounts spread as in a shop: many small, few large. The same index gives the same person.
 */
export function eventsOfPerson(index: number, now: Date): readonly Event[] {
  const random = randomFrom(index);
  const contactId = `bench-${index}`;
  const email = `bench-${index}@customers.example`;
  const ago = (days: number) => new Date(now.getTime() - Math.round(days * day)).toISOString();
  const since = 1 + random() * 729;
  const common = { contactId, source: "bench" };
  const lead = createEvent({
    ...common,
    origin: ["bench-lead", contactId],
    name: "Form Submitted",
    occurredAt: ago(since),
    receivedAt: ago(since),
    properties: { formId: "contact", formVersion: 1, fields: { email, firstName: "Ada" }, marketing: false },
  });
  const orders = random() < 0.4 ? 1 + Math.floor(-2 * Math.log(1 - random())) : 0;
  return [
    lead,
    ...Array.from({ length: orders }, (_, at) => {
      const occurredAt = ago(random() * since);
      const amount = Math.round(2_500 * Math.exp(1.2 * random() + 1.2 * random()));
      const properties = {
        orderId: `${contactId}-${at}`,
        email,
        revenue: { amount, currency: "USD" },
        products: [{ productId: "mug", name: "Mug", price: { amount, currency: "USD" }, quantity: 1 }],
      };
      const origin = ["bench-order", contactId, String(at)];
      return createEvent({
        ...common,
        origin,
        name: "Order Completed",
        occurredAt,
        receivedAt: occurredAt,
        properties,
      });
    }),
  ];
}

/** Numbers from 0 to 1 that depend on the seed alone (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = (seed * 0x9e37_79b9) >>> 0;
  return () => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Puts generated people into a running stack's table, as the fold leaves them, straight at the engine. The stream is off
 * meanwhile, so that nothing follows from them: the host must be started anew, and then reads the new stream.
 */
export async function loadPeople(stack: Stack, count: number, report: (done: number) => void): Promise<void> {
  const { urls, tables, clock } = await stack.host.state();
  const client = new DynamoDBClient({
    endpoint: urls.dynamodb ?? "",
    region: "us-east-1",
    credentials: hostCredentials,
  });
  const table = openTable(tables[0] ?? "", client);
  const now = new Date(clock.now);
  await setStream(client, table.name, false);
  let next = 0;
  await Promise.all(Array.from({ length: concurrency }, work));
  await setStream(client, table.name, true);
  // The engine numbers a new stream's records below where it says the stream begins: a reader who comes after the first
  // record reads on from that one, and a reader who comes before waits for ever.
  await table.client.send(new PutCommand({ TableName: table.name, Item: { pk: "BENCH", sk: "LOADED", kind: "rate" } }));
  client.destroy();

  async function work(): Promise<void> {
    while (next < count) {
      const first = next;
      next = Math.min(count, first + batchSize);
      const items = Array.from({ length: next - first }, (_, at) => itemsOfPerson(first + at, now)).flat();
      for (let start = 0; start < items.length; start += batchSize) {
        await writeBatch(table, items.slice(start, start + batchSize));
      }
      report(Math.min(count, first + batchSize));
    }
  }
}

function itemsOfPerson(index: number, now: Date): readonly Readonly<Record<string, unknown>>[] {
  const events = eventsOfPerson(index, now);
  const profile = refold(events);
  return profile === undefined ? [] : [contactItem(profile, events.length), ...events];
}

async function setStream(client: DynamoDBClient, TableName: string, isOn: boolean): Promise<void> {
  await client.send(
    new UpdateTableCommand({
      TableName,
      StreamSpecification: isOn
        ? { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" }
        : { StreamEnabled: false },
    }),
  );
}
