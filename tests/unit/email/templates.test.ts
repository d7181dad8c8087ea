import { describe, expect, test } from "vitest";
import { renderMail } from "../../../shared/email/render.ts";
import { compileTemplate } from "../../../shared/email/templates/compile.ts";
import { exampleData, exampleValues } from "../../../shared/email/templates/example.ts";
import { templateInputSchema, templateOfStored } from "../../../shared/email/templates/stored.ts";
import { wordingFor } from "../../../shared/email/templates/template.ts";
import { templateHandlers } from "../../../shared/email/templates/template-handlers.ts";
import { createTemplateSource, putTemplate, readTemplate } from "../../../shared/email/templates/template-store.ts";
import { knownVariables, unknownVariables } from "../../../shared/email/templates/variables.ts";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";

const now = new Date("2026-03-01T10:00:00.000Z");
const page = (content: string) =>
  `<mjml><mj-body><mj-section><mj-column>${content}</mj-column></mj-section></mj-body></mjml>`;
const cartPage = page(`<mj-text>Hi {{ contact.firstName | default: "there" }}, <b>your cart</b>:</mj-text>
<mj-table>{% for line in cart.lines %}<tr><td>{{ line.name }}</td><td>{{ line.quantity }}</td><td>{{ line.price }}</td></tr>{% endfor %}</mj-table>
<mj-button href="{{ cart.url }}">Back to my cart</mj-button>`);
const input = (more: object = {}) =>
  templateInputSchema.parse({ name: "Cart", stream: "marketing", subject: "Your cart", mjml: cartPage, ...more });
const compile = (more: object = {}) => compileTemplate("cart-9", 1, input(more), now);
const errorsOf = (more: object) =>
  compile(more).then(
    () => [],
    (error: { errors: readonly { pointer: string; message: string; code: string }[] }) => error.errors,
  );

describe("a template that is saved", () => {
  test("becomes HTML with the cart's lines and the links that marketing must carry, and text of the same", async () => {
    const template = templateOfStored(await compile({ preheader: "Still there" }));
    const mail = renderMail(template, exampleValues, exampleData);
    for (const part of ["Hi Ann", "Blue mug", "$12.50", "1 Harbour Street"]) {
      expect(mail.html).toContain(part);
      expect(mail.text).toContain(part);
    }
    for (const link of [
      "https://shop.example/u/example",
      "https://shop.example/p/example",
      "https://shop.example/cart",
    ]) {
      expect(mail.html).toContain(`href="${link}"`);
      expect(mail.text).toContain(link);
    }
    expect(mail.html).toContain("Still there");
    expect(mail.text).not.toMatch(/Still there|<b>|\{\{|\{%/);
    expect(mail.html.match(/Unsubscribe/g)).toHaveLength(1);
  });

  test("falls back by `default`, and is not sent with a hole", async () => {
    const template = templateOfStored(await compile());
    expect(renderMail(template, { ...exampleValues, firstName: "" }, exampleData).text).toContain("Hi there,");
    expect(() => renderMail(template, exampleValues, {})).toThrow("missing value: cart");
    expect(() => renderMail(template, exampleValues, { cart: { products: [], url: "https://x.example" } })).toThrow(
      "missing value: cart.lines",
    );
  });

  test("does not send a link that data made unsafe", async () => {
    const template = templateOfStored(await compile());
    const data = { cart: { ...(exampleData.cart as object), url: "javascript:alert(1)" } };
    expect(() => renderMail(template, exampleValues, data)).toThrow("unsafe link");
  });

  test("keeps a text of its own", async () => {
    const template = templateOfStored(await compile({ text: "Only {{ cart.value }}" }));
    expect(renderMail(template, exampleValues, exampleData).text).toMatch(/^Only \$25\.00\n/);
  });

  test("speaks a contact's language, in its way to write amounts", async () => {
    const german = { subject: "Ihr Warenkorb", mjml: page("<mj-text>{{ cart.value }}</mj-text>") };
    const template = templateOfStored(await compile({ locales: { de: german } }));
    const mail = renderMail(template, { ...exampleValues, locale: "de-AT" }, exampleData);
    expect(mail.subject).toBe("Ihr Warenkorb");
    expect(mail.text).toContain("25,00");
    expect(wordingFor(template, "fr").subject).toBe("Your cart");
  });

  test.each([
    ["an unknown variable", { subject: "Dear {{ contact.fristName }}" }, "/subject", "contact.fristName"],
    ["one in a branch that is not taken", { subject: "A{% if false %}{{ nobody }}{% endif %}" }, "/subject", "nobody"],
    [
      "an unknown member of a line",
      { mjml: page("<mj-text>{% for l in cart.lines %}{{ l.weight }}{% endfor %}</mj-text>") },
      "",
      "weight",
    ],
    ["broken Liquid", { subject: "{% if %}" }, "/subject", "invalid value"],
    ["a filter that does not exist", { subject: "{{ publicName | shout }}" }, "", "shout"],
    ["a file to include", { subject: "{% include 'package.json' %}" }, "/subject", "package.json"],
    ["an unknown MJML element", { mjml: page("<mj-nothing>x</mj-nothing>") }, "/mjml", "mj-nothing"],
    ["no MJML at all", { mjml: "<p>Hello</p>" }, "/mjml", "</mj-body>"],
    [
      "a link that is no web address",
      { mjml: page('<mj-button href="javascript:alert(1)">x</mj-button>') },
      "/mjml",
      "javascript:",
    ],
    [
      "a hidden one",
      { mjml: page("<mj-text><a href='&#106;avascript:alert(1)'>x</a></mj-text>") },
      "/mjml",
      "avascript",
    ],
    ["a script", { mjml: page("<mj-raw><script>alert(1)</script></mj-raw>") }, "/mjml", "scripts"],
    ["too large a page", { mjml: page(`<mj-text>${"x".repeat(110_000)}</mj-text>`) }, "", "102 KB"],
    [
      "a locale's unknown variable",
      { locales: { de: { subject: "{{ nix }}", mjml: cartPage } } },
      "/locales/de/subject",
      "nix",
    ],
  ])("is refused for %s, and told where", async (_, more, pointer, words) => {
    const errors = await errorsOf(more);
    expect(errors.map((error) => error.pointer)).toContain(pointer);
    expect(errors.map(({ message }) => message).join("\n")).toContain(words);
  });

  test("says which variables there are", async () => {
    const [error] = await errorsOf({ subject: "{{ nobody }}" });
    for (const name of ["contact.firstName", "cart.lines", "unsubscribeUrl", "event.*"])
      expect(error?.message).toContain(name);
    expect(unknownVariables(knownVariables.map((name) => `{{ ${name.replace("*", "any")} }}`).join(""))).toEqual([]);
  });

  test("may use what an example cannot foresee", async () => {
    expect(await errorsOf({ subject: "{{ event.plan }} {{ data.ticket }} {{ contact.traits.shoeSize }}" })).toEqual([]);
  });
});

describe("stored templates", () => {
  test("have versions, and a change must come from the newest", async () => {
    const table = await createTestTable(engine.url);
    const save = async (version: number, expected: number | undefined, subject: string) =>
      putTemplate(table, await compileTemplate("cart-1", version, input({ subject }), now), expected);
    await save(1, undefined, "One");
    await expect(save(1, undefined, "Other")).rejects.toMatchObject({ code: "already_exists" });
    await save(2, 1, "Two");
    await expect(save(2, 1, "Other")).rejects.toMatchObject({ code: "version_conflict" });
    expect(await readTemplate(table, "cart-1")).toMatchObject({ version: 2, source: { subject: "Two" } });
  });

  test("take the place of shipped ones, within seconds", async () => {
    const table = await createTestTable(engine.url);
    const clock = { now };
    const templateOf = createTemplateSource(table, () => clock.now);
    expect((await templateOf("cart-1")).version).toBe(1);
    await expect(templateOf("nothing")).rejects.toThrow("nothing");
    await putTemplate(table, await compileTemplate("cart-1", 1, input({ subject: "Mine" }), now), undefined);
    clock.now = new Date(now.getTime() + 20_001);
    expect(await templateOf("cart-1")).toMatchObject({ subject: "Mine", frame: "own" });
  });

  test("may be a shipped one, changed", async () => {
    const table = await createTestTable(engine.url);
    const handlers = templateHandlers({
      table,
      house: { publicName: "Shop", postalAddress: "Street 1" },
      staff: [],
      topics: [{ id: "offers", name: "Offers" }],
      now: () => now,
    });
    const request = {
      query: undefined,
      headers: {},
      rawBody: Buffer.from(""),
      sourceIp: "",
      correlationId: "c",
      caller: undefined,
    };
    const shown = await handlers.getTemplate({ ...request, params: { id: "cart-1" }, body: undefined });
    const { id: _, version: __, origin: ___, savedAt: ____, htmlBytes: _____, ...source } = Object(shown.body);
    const body = templateInputSchema.parse({ ...source, subject: "Mine" });
    expect(await handlers.putTemplate({ ...request, params: { id: "cart-1" }, body })).toMatchObject({ status: 201 });
    const preview = await handlers.previewTemplate({ ...request, params: { id: "cart-1" }, body: {} });
    expect(preview.body).toMatchObject({ subject: "Mine", skipped: null, html: expect.stringContaining("Blue mug") });
    const empty = await handlers.previewTemplate({ ...request, params: { id: "cart-1" }, body: { data: {} } });
    expect(empty.body).toMatchObject({ html: null, skipped: "missing value: cart" });
    const fixed = handlers.putTemplate({ ...request, params: { id: "confirm-subscription" }, body });
    await expect(fixed).rejects.toMatchObject({ code: "invalid_input" });
    const strange = handlers.putTemplate({ ...request, params: { id: "cart-1" }, body: { ...body, topic: "sales" } });
    await expect(strange).rejects.toMatchObject({ errors: [{ pointer: "/topic", message: "the topics are offers" }] });
    expect(templateInputSchema.safeParse({ ...source, stream: "transactional" }).success).toBe(false);
  });
});
