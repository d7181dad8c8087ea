import { describe, expect, it } from "vitest";
import { shopify } from "../../../shared/connectors/shopify.ts";
import { hmacOf } from "../../../shared/connectors/signature.ts";
import { stripe } from "../../../shared/connectors/stripe.ts";
import { woocommerce } from "../../../shared/connectors/woocommerce.ts";

const now = new Date("2026-03-01T12:00:00Z");
const seconds = now.getTime() / 1000;

describe("Shopify's signature", () => {
  const rawBody = Buffer.from("foo=anything");
  const signed = (signature: string | undefined) => ({ headers: { "x-shopify-hmac-sha256": signature }, rawBody });
  it.each([
    ["secret", "yCGX/RrK4fcuNtr3ztk5tQGsOBjcAzHpGLdMUrbV8yI=", true],
    ["old_secret", "XqRcjrSv57VACn6apEO9znyu/wkN1VC7QxdSPwK3Hzs=", true],
    ["secret", "XqRcjrSv57VACn6apEO9znyu/wkN1VC7QxdSPwK3Hzs=", false],
    ["secret", "yCGX/RrK4fcuNtr3ztk5tQGsOBjcAzHpGLdMUrbV8yI", false],
    ["secret", "", false],
    ["secret", undefined, false],
  ])("by %s as %s is %s", (secret, signature, right) => {
    expect(shopify.verify(signed(signature), [secret], now)).toBe(right);
  });

  it("holds by the new secret and by the old one while they are exchanged, and by none when there is none", () => {
    const old = signed("XqRcjrSv57VACn6apEO9znyu/wkN1VC7QxdSPwK3Hzs=");
    expect(shopify.verify(old, ["secret", "old_secret"], now)).toBe(true);
    expect(shopify.verify(old, [], now)).toBe(false);
  });

  it("does not hold for a body of which one byte differs", () => {
    const headers = { "x-shopify-hmac-sha256": "yCGX/RrK4fcuNtr3ztk5tQGsOBjcAzHpGLdMUrbV8yI=" };
    expect(shopify.verify({ headers, rawBody: Buffer.from("foo=anythinG") }, ["secret"], now)).toBe(false);
  });
});

describe("Stripe's signature", () => {
  const rawBody = Buffer.from('{"id":"evt_1"}');
  const v1 = (secret: string, at: number | string) => hmacOf(secret, `${at}.${rawBody}`, "hex");
  it.each([
    ["now", `t=${seconds},v1=${v1("whsec_a", seconds)}`, true],
    ["by the old secret too", `t=${seconds},v1=${v1("whsec_b", seconds)},v1=${v1("whsec_z", seconds)}`, true],
    ["with an unknown scheme beside", `t=${seconds},v0=abc,v1=${v1("whsec_a", seconds)}`, true],
    ["300 seconds old", `t=${seconds - 300},v1=${v1("whsec_a", seconds - 300)}`, true],
    ["301 seconds old", `t=${seconds - 301},v1=${v1("whsec_a", seconds - 301)}`, false],
    ["301 seconds ahead", `t=${seconds + 301},v1=${v1("whsec_a", seconds + 301)}`, false],
    ["with the time changed", `t=${seconds},v1=${v1("whsec_a", seconds - 900)}`, false],
    ["by a stranger", `t=${seconds},v1=${v1("whsec_x", seconds)}`, false],
    ["without a time", `v1=${v1("whsec_a", "")}`, false],
    ["as v0 only", `t=${seconds},v0=${v1("whsec_a", seconds)}`, false],
    ["empty", "", false],
  ])("%s", (_, signature, right) => {
    const delivery = { headers: { "stripe-signature": signature }, rawBody };
    expect(stripe.verify(delivery, ["whsec_a", "whsec_b"], now)).toBe(right);
  });
});

describe("WooCommerce", () => {
  it("signs the raw body, and pings unsigned", () => {
    const rawBody = Buffer.from('{"id":1}');
    const headers = { "x-wc-webhook-signature": hmacOf("woo", rawBody, "base64") };
    expect(woocommerce.verify({ headers, rawBody }, ["woo"], now)).toBe(true);
    expect(woocommerce.verify({ headers, rawBody }, ["other"], now)).toBe(false);
    expect(woocommerce.isPing?.({ headers: {}, rawBody: Buffer.from("webhook_id=17") })).toBe(true);
    expect(woocommerce.isPing?.({ headers: {}, rawBody })).toBe(false);
  });

  it("tells two deliveries of one second apart, though their ids are the same", () => {
    const headers = { "x-wc-webhook-delivery-id": "same" };
    const [a, b] = ['{"id":1}', '{"id":2}'].map((text) =>
      woocommerce.deliveryId({ headers, rawBody: Buffer.from(text) }, {}),
    );
    expect(a).not.toBe(b);
  });
});
