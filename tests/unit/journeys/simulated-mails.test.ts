import { describe, expect, test } from "vitest";
import { fold } from "../../../shared/contacts/profile.ts";
import type { Profile } from "../../../shared/contacts/profile-schema.ts";
import type { Recipient } from "../../../shared/email/recipient.ts";
import { templates } from "../../../shared/email/templates/templates.ts";
import { createEvent, type Event } from "../../../shared/events/event.ts";
import { entryKeyOf } from "../../../shared/journeys/entry-key.ts";
import { mailDataOf } from "../../../shared/journeys/mail-data.ts";
import type { Run } from "../../../shared/journeys/run.ts";
import { simulate } from "../../../shared/journeys/simulate.ts";
import { exampleOccasion, mostRendered, occasionOf, previewMails } from "../../../shared/journeys/simulated-mails.ts";
import { eventOf, journeyOf, start } from "./journeys.ts";

const house = { publicName: "Cup & Co", postalAddress: "1 Harbour Street" };
const templateOf = async (id: string) => templates.get(id);
const journey = (templateId: string) =>
  journeyOf({
    start: "mail",
    steps: [
      { type: "email", id: "mail", templateId, next: "end" },
      { type: "end", id: "end" },
    ],
  });
const products = [{ name: "Teapot", quantity: 1, price: { amount: 1900, currency: "EUR" } }];
const simulated = (templateId: string, properties: Record<string, unknown>) =>
  simulate(journey(templateId), {
    contact: {},
    contactId: "c1",
    event: eventOf("Checkout Started", start, properties),
    events: [],
    timeZone: "UTC",
  });
const bea: Recipient = { address: "bea@shop.example", name: "Bea B", firstName: "Bea", contact: { traits: {} } };

async function previewFor(recipient: Parameters<typeof occasionOf>[0], templateId: string, properties = {}) {
  const { mails, data } = simulated(templateId, { cartId: "k1", ...properties });
  return previewMails(mails, templateOf, occasionOf(recipient, house, data), async () => []);
}

test("a contact's mail shows its own name, the cart of the trigger, and no link that the contact alone may follow", async () => {
  const [mail] = await previewFor(bea, "cart-1", { url: "https://shop.example/k1", products });
  expect(mail).toMatchObject({ stepId: "mail", templateId: "cart-1", subject: "You left something behind" });
  expect(mail).toMatchObject({ preheader: "Your cart is still there.", skipped: null });
  expect(mail?.text).toContain("Bea");
  expect(mail?.html).toContain("Teapot");
  expect(mail?.html).toContain("https://shop.example/u/example");
});

describe("the cart is shown as it is now", () => {
  const told = { cartId: "k1", checkoutId: "ch1", url: "https://shop.example/k1", products };
  const at = (minute: number) => new Date(Date.parse(start) + minute * 60_000).toISOString();
  const happened = (name: string, minute: number, properties: Record<string, unknown>) =>
    createEvent({
      contactId: "c1",
      origin: [`${name}-${minute}`],
      name,
      occurredAt: at(minute),
      receivedAt: at(minute),
      source: "shop",
      properties,
    });
  const begun = happened("Checkout Started", 0, told);
  const kettle = { productId: "kettle", name: "Kettle", quantity: 3, price: { amount: 2000, currency: "EUR" } };
  const teapot = { name: "Teapot", quantity: 1 };
  const ordered = { orderId: "o1", revenue: { amount: 1900, currency: "EUR" }, products: [] };

  /** The mail of a run that `begun` started, after all that happened since. */
  async function mailAfter(...events: readonly Event[]) {
    const carts = events.reduce<Profile | undefined>(fold, undefined);
    const run = { entryKey: "k1" } as Run;
    const occasion = occasionOf({ ...bea, ...(carts && { carts }) }, house, mailDataOf(run, begun));
    const [mail] = await previewMails(
      [{ at: start, stepId: "mail", templateId: "cart-1" }],
      templateOf,
      occasion,
      async () => [],
    );
    return mail;
  }

  test.each([
    ["is not folded yet", []],
    ["is as it was", [begun]],
  ])("when it %s, as its event told of it", async (_, events) => {
    const mail = await mailAfter(...events);
    expect(mail?.text).toContain("1 × Teapot, €19.00");
    expect(mail?.text).toContain("Back to my cart: https://shop.example/k1");
  });

  test.each([
    [
      "shown anew",
      [
        happened("Cart Viewed", 5, {
          ...told,
          url: undefined,
          value: { amount: 5500, currency: "EUR" },
          products: [kettle],
        }),
      ],
      "€55.00",
    ],
    [
      "known by its checkout alone",
      [happened("Checkout Started", 5, { checkoutId: "ch1", products: [kettle] })],
      "€60.00",
    ],
    [
      "changed piece by piece",
      [
        happened("Product Removed", 5, { cartId: "k1", product: teapot }),
        happened("Product Added", 6, { cartId: "k1", product: kettle }),
      ],
      "€60.00",
    ],
  ])("when it is %s", async (_, events, value) => {
    const mail = await mailAfter(begun, ...events);
    expect(mail?.text).toContain("3 × Kettle, €20.00");
    expect(mail?.text).not.toContain("Teapot");
    expect(mail?.text).toContain(`Together ${value}.`);
    expect(mail?.text).toContain("Back to my cart: https://shop.example/k1");
  });

  test("with more products than it keeps, which are all in its value", async () => {
    const many = Array.from({ length: 12 }, (_, n) => ({
      ...kettle,
      productId: `p${n}`,
      name: `Kettle ${n}`,
      quantity: 1,
    }));
    const shown = happened("Cart Viewed", 5, { cartId: "k1", products: many });
    const more = happened("Product Added", 6, { cartId: "k1", product: { ...kettle, productId: "p12", quantity: 1 } });
    const fewer = happened("Product Removed", 7, { cartId: "k1", product: { ...many[0], quantity: 1 } });
    for (const [events, value] of [
      [[shown], "€240.00"],
      [[shown, more], "€260.00"],
      [[shown, more, fewer], "€240.00"],
    ] as const) {
      const mail = await mailAfter(begun, ...events);
      expect(mail?.text).toContain("… and more");
      expect(mail?.text).toContain(`Together ${value}.`);
    }
  });

  test.each([
    ["shown as empty", happened("Cart Viewed", 5, { cartId: "k1", products: [], empty: true })],
    ["taken out to the last piece", happened("Product Removed", 5, { cartId: "k1", product: teapot })],
    ["ordered", happened("Order Completed", 5, { ...ordered, checkoutId: "ch1" })],
    ["left behind by another order", happened("Order Completed", 5, ordered)],
  ])("not at all when it was %s, until something is in it again", async (_, end) => {
    expect(await mailAfter(begun, end)).toMatchObject({ text: null, skipped: "cart is gone" });
    if (end.name === "Order Completed") return;
    const mail = await mailAfter(begun, end, happened("Product Added", 9, { cartId: "k1", product: kettle }));
    expect(mail?.text).toContain("3 × Kettle");
  });

  test("by a token that is too odd to be a run's key", async () => {
    const odd = "gid://shop/Cart/k1?key=9";
    const [first, then] = [0, 5].map((minute) =>
      happened("Checkout Started", minute, { cartId: odd, products: minute === 0 ? products : [kettle] }),
    );
    const carts = [first, then].reduce<Profile | undefined>((all, event) => event && fold(all, event), undefined);
    const data = mailDataOf(
      { entryKey: entryKeyOf(["properties.cartId"], { properties: { cartId: odd } }) } as Run,
      first,
    );
    const mails = [{ at: start, stepId: "mail", templateId: "cart-1" }];
    const [mail] = await previewMails(
      mails,
      templateOf,
      occasionOf({ ...bea, ...(carts && { carts }) }, house, data),
      async () => [],
    );
    expect(mail?.text).toContain("3 × Kettle");
  });
});

test.each([
  ["a value is missing", bea, "cart-1", /^missing value: cart/],
  ["the contact has no address", "no address", "welcome-2", /^no address$/],
  ["the template is not there", bea, "nowhere", /^there is no template nowhere$/],
] as const)("when %s, the reason stands in the place of the mail", async (_, recipient, templateId, reason) => {
  const [mail] = await previewFor(recipient, templateId);
  const nothing = { subject: null, preheader: null, html: null, text: null };
  expect(mail).toMatchObject({ templateId, ...nothing, skipped: expect.stringMatching(reason) });
});

test("an example contact says what the request says, and the example the rest", async () => {
  const { mails, data } = simulated("cart-1", { cartId: "k1" });
  const render = async (contact: Record<string, unknown>) =>
    (await previewMails(mails, templateOf, exampleOccasion(contact, house, data), async () => []))[0]?.text;
  expect(await render({})).toContain("Ann");
  expect(await render({})).toContain("Blue mug");
  expect(await render({ fields: { firstName: "Cem" } })).toContain("Cem");
});

test("no more mails are rendered than an answer can hold", async () => {
  const mails = Array.from({ length: mostRendered + 1 }, () => ({
    at: start,
    stepId: "mail",
    templateId: "welcome-2",
  }));
  expect(await previewMails(mails, templateOf, exampleOccasion({}, house, {}), async () => [])).toHaveLength(
    mostRendered,
  );
});

const thanks = (properties: Record<string, unknown>) =>
  simulate(journey("post-purchase"), {
    contact: {},
    contactId: "c1",
    event: eventOf("Order Completed", start, { cartId: "k1", ...properties }),
    events: [],
    timeZone: "UTC",
  });

test("a contact's mail recommends by what it is about, once for all mails, and leaves the part out where there is nothing", async () => {
  const { mails, data } = thanks({ orderId: "o1", products });
  const occasion = occasionOf(bea, house, data);
  const asked: unknown[] = [];
  const preview = (found: readonly { name: string }[]) =>
    previewMails([...mails, ...mails], templateOf, occasion, async (about) => {
      asked.push(about);
      return found;
    });
  const [first, second] = await preview([{ name: "Kettle" }]);
  expect([first?.text, second?.text]).toEqual([expect.stringContaining("- Kettle"), first?.text]);
  expect(asked).toEqual([data]);
  const [without] = await preview([]);
  expect(without).toMatchObject({ skipped: null, text: expect.not.stringContaining("What others bought") });
});

test("an example's mail shows the example's recommendations, and looks for none", async () => {
  const { mails, data } = thanks({});
  const [mail] = await previewMails(mails, templateOf, exampleOccasion({}, house, data), () =>
    Promise.reject(new Error("asked")),
  );
  expect(mail?.text).toContain("- Blue mug");
});
