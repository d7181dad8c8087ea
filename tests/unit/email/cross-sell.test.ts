import { describe, expect, test } from "vitest";
import { deliver } from "../../../shared/email/delivery.ts";
import { renderMail } from "../../../shared/email/render.ts";
import { exampleValues } from "../../../shared/email/templates/example.ts";
import { templateOf } from "../../../shared/email/templates/templates.ts";
import { message, world } from "./world.ts";

const tea = { products: [{ productId: "tea", name: "Tea" }] };
const crossSell = {
  ...message,
  messageKey: "cross-sell.once.0.recommend",
  templateId: "cross-sell",
  data: { order: tea },
};

function setup(found: readonly { readonly productId: string; readonly name: string; readonly url?: string }[]) {
  const { deps, ledger } = world();
  const asked: unknown[] = [];
  const texts: string[] = [];
  const compose: typeof deps.compose = async ({ kind }) => {
    if (!("template" in kind)) throw new Error("no template");
    const { subject, text } = renderMail(kind.template, exampleValues, kind.data);
    texts.push(subject, text);
    return { to: "ann@example.com", raw: Buffer.from(text) };
  };
  const recommend: typeof deps.recommend = async (contactId, data) => {
    asked.push([contactId, data]);
    return found;
  };
  return { deps: { ...deps, compose, recommend }, ledger, asked, texts };
}

describe("the mail of what goes with an order", () => {
  test("names what is bought together with it", async () => {
    const { deps, asked, texts } = setup([
      { productId: "pot", name: "Pot", url: "https://shop.example/pot" },
      { productId: "cup", name: "Cup" },
    ]);
    expect(await deliver(deps, crossSell)).toBe("sent");
    expect(asked).toEqual([["c1", { order: tea }]]);
    expect(texts[0]).toBe("What goes with Tea");
    expect(texts[1]).toContain("- Pot: https://shop.example/pot\n- Cup\n");
  });

  test("is skipped and says why where nothing is", async () => {
    const { deps, ledger } = setup([]);
    expect(await deliver(deps, crossSell)).toBe("not sent");
    expect(ledger.entry()).toMatchObject({ state: "SKIPPED", reason: "missing value: recommendations" });
  });

  test("needs consent, and asks for recommendations only then", async () => {
    const { deps, ledger, asked } = setup([{ productId: "pot", name: "Pot" }]);
    await deliver({ ...deps, readConsent: async () => undefined }, crossSell);
    expect(ledger.entry()).toMatchObject({ state: "SKIPPED", reason: "no consent" });
    expect(asked).toEqual([]);
  });

  test("can do without the order's lines", () => {
    const { subject, html } = renderMail(templateOf("cross-sell"), exampleValues, {
      recommendations: [{ productId: "pot", name: "Pot", url: "https://shop.example/pot" }],
    });
    expect(subject).toBe("What goes with your order");
    expect(html).toContain('<a href="https://shop.example/pot">Pot</a>');
  });
});
