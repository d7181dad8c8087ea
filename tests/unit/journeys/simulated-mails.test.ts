import { expect, test } from "vitest";
import type { Recipient } from "../../../shared/email/recipient.ts";
import { templates } from "../../../shared/email/templates/templates.ts";
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

test("the cart is shown as it is now", async () => {
  const carts = { k1: { lines: [{ name: "Kettle", quantity: 3 }], products: [{ name: "Kettle", quantity: 3 }] } };
  const [mail] = await previewFor({ ...bea, carts }, "cart-1", { url: "https://shop.example/k1", products });
  expect(mail?.text).toContain("Kettle");
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
