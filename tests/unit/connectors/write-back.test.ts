import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { beforeEach, describe, expect, it } from "vitest";
import { connectorMessageSchema, type WithdrawalMessage } from "../../../shared/connectors/connector-message.ts";
import { ShopBusy } from "../../../shared/connectors/shop-error.ts";
import { shopifyConsent } from "../../../shared/connectors/shopify-consent.ts";
import { putSource } from "../../../shared/connectors/source-store.ts";
import { writeBackStages } from "../../../shared/connectors/write-back-stages.ts";
import { writeBack } from "../../../shared/connectors/write-back-store.ts";
import { addressHash as hashOf } from "../../../shared/contacts/email-address.ts";
import { putSuppression } from "../../../shared/email/suppression-store.ts";
import { createEvent } from "../../../shared/events/event.ts";
import type { Table } from "../../../shared/table/client.ts";
import type { Item } from "../../../shared/table/item.ts";
import { engine } from "../../support/engine.ts";
import { fakeShop } from "../../support/fake-shop.ts";
import { runAll } from "../../support/settle.ts";
import { createTestTable } from "../../support/table.ts";
import { itemsOf } from "../../support/table-contents.ts";

const at = "2026-03-05T12:00:00.000Z";
const email = "nora@buyers.example";
const addressHash = hashOf(email);
const contactId = "c1";

let table: Table;
let shop: ReturnType<typeof fakeShop>;
let clock: Date;
beforeEach(async () => {
  table = await createTestTable(engine.url);
  shop = fakeShop([]);
  clock = new Date(at);
  await put({ pk: "CONTACT#c1", sk: "CONTACT", kind: "contact", contactId, email: { value: email, at } });
  await connect("harbour");
});

const put = (item: Item) => table.client.send(new PutCommand({ TableName: table.name, Item: item }));
const connect = (source: string, rest: object = {}) => {
  const address = "https://harbour.myshopify.com";
  return putSource(table, { source, connector: "shopify", connected: true, connectedAt: at, address, ...rest });
};
const consent = (state: string, withdrawnAt = at): Item => ({
  pk: `ADDRESS#${addressHash}`,
  sk: "CONSENT#email#marketing",
  kind: "consent",
  ...{ addressHash, contactId, state, withdrawnAt, history: [], version: 2 },
});
const knows = (marketingState: string, marketingUpdatedAt: string | null = "2026-01-01T00:00:00Z") =>
  shop.customers.set(email, {
    id: "gid://shopify/Customer/9",
    defaultEmailAddress: { marketingState, marketingUpdatedAt },
  });
const told = () => shop.customers.get(email)?.defaultEmailAddress;

/** What the stages ask for after a write. */
async function asked(item: Item, previous?: Item): Promise<WithdrawalMessage[]> {
  const messages: WithdrawalMessage[] = [];
  const sendConnectors = async (message: unknown) => {
    const parsed = connectorMessageSchema.parse(message);
    if (parsed.type === "withdrawal") messages.push(parsed);
  };
  await runAll(writeBackStages({ table, sendConnectors }), { item, previous });
  return messages;
}

const secrets = async () => ({ connector: "shopify" as const, secrets: [], apiKey: "shpat_12345678" });
const work = (message: WithdrawalMessage) => writeBack({ table, ask: shop.ask, secrets, now: () => clock }, message);

/** Someone withdraws, and the queue is worked off; each message twice. */
async function withdraw() {
  await put(consent("withdrawn"));
  for (const message of await asked(consent("withdrawn"), consent("granted"))) {
    await work(message);
    await work(message);
  }
}

describe("a withdrawal", () => {
  it.each(["SUBSCRIBED", "PENDING"])(
    "is told to a shop where the consent is %s, with its own time, once",
    async (state) => {
      knows(state);
      await withdraw();
      expect(told()).toEqual({ marketingState: "UNSUBSCRIBED", marketingUpdatedAt: at });
      expect(shop.asked.filter(({ body }) => JSON.stringify(body).includes("mutation"))).toHaveLength(1);
    },
  );

  it.each([
    ["has it already: it came from there", () => knows("UNSUBSCRIBED")],
    ["was never asked", () => knows("NOT_SUBSCRIBED")],
    ["does not know the address", () => undefined],
    ["heard the person later than we did", () => knows("SUBSCRIBED", "2026-03-05T12:00:01Z")],
  ])("is not told to a shop that %s", async (_, given) => {
    given();
    const before = told();
    await withdraw();
    expect(told()).toEqual(before);
  });

  it("that was taken back meanwhile is told to nobody", async () => {
    knows("SUBSCRIBED");
    const messages = await asked(consent("withdrawn"));
    await put(consent("granted"));
    for (const message of messages) await work(message);
    expect([messages.length, shop.asked]).toEqual([1, []]);
  });

  it("goes to every shop that keeps consents and is connected, and to no other", async () => {
    await connect("second");
    await connect("gone", { connected: false });
    await connect("sends-only", { address: undefined });
    await connect("sails", { connector: "woocommerce", address: "https://sails.example" });
    expect((await asked(consent("withdrawn"))).map(({ source }) => source)).toEqual(["harbour", "second"]);
    expect(await asked(consent("granted"))).toEqual([]);
    expect(await asked(consent("withdrawn"), consent("withdrawn"))).toEqual([]);
  });

  it("waits for a shop that is busy, longer each time, without a word of whom it is", async () => {
    knows("SUBSCRIBED");
    await put(consent("withdrawn"));
    const [message] = await asked(consent("withdrawn"));
    shop.failures.push(new ShopBusy("busy"), new ShopBusy("busy", { retryAfterSeconds: 600 }));
    for (const tries of [0, 1]) if (message !== undefined) await work({ ...message, tries });
    const due = await itemsOf(table, "due");
    expect(due.map(({ sk, queue }) => [String(sk).slice(0, 24), queue])).toEqual([
      ["2026-03-05T12:01:00.000Z", "connectors"],
      ["2026-03-05T12:10:00.000Z", "connectors"],
    ]);
    expect(JSON.stringify(due)).not.toContain("nora");
    for (const { body } of due) {
      const again = connectorMessageSchema.parse(body);
      if (again.type === "withdrawal") await work(again);
    }
    expect(told()).toMatchObject({ marketingState: "UNSUBSCRIBED" });
  });

  it("that a shop cannot be told in most of a day is a failure that the operator hears of", async () => {
    const [message] = await asked(consent("withdrawn"));
    await put(consent("withdrawn"));
    shop.failures.push(new ShopBusy("busy"));
    await expect(message && work({ ...message, tries: 10 })).rejects.toThrow("busy");
  });
});

it("tells the shops of a complaint as well", async () => {
  knows("SUBSCRIBED");
  await putSuppression(table, addressHash, { reason: "complaint", at, eventId: "e1" });
  const complaint = createEvent({
    contactId,
    origin: ["spam"],
    name: "Email Marked as Spam",
    occurredAt: at,
    receivedAt: at,
    source: "mail",
    properties: { addressHash },
  });
  for (const message of await asked(complaint)) await work(message);
  expect(told()).toEqual({ marketingState: "UNSUBSCRIBED", marketingUpdatedAt: at });
});

describe("what Shopify answers", () => {
  it.each([
    [{ errors: [{ message: "Throttled", extensions: { code: "THROTTLED" } }] }, "ShopBusy"],
    [{ errors: [{ message: "Access denied for customerByIdentifier field." }] }, "ShopRefusal"],
    [{ nothing: true }, "ShopRefusal"],
    [{ data: { customerEmailMarketingConsentUpdate: { userErrors: [{ message: "no" }] } } }, "ShopRefusal"],
  ])("%o is no success", (answer, name) => {
    expect(() => shopifyConsent.readWithdrawn(answer)).toThrow(expect.objectContaining({ name }));
  });
});
