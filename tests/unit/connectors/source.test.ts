import { describe, expect, it } from "vitest";
import { secretCache } from "../../../shared/connectors/secret-cache.ts";
import { shopAddress } from "../../../shared/connectors/shop-address.ts";
import { type SourceSecrets, sourceRequestSchema, withNewSecret } from "../../../shared/connectors/source.ts";
import { validSecrets } from "../../../shared/secrets/exchange.ts";

const now = new Date("2026-03-01T12:00:00Z");
const later = (hours: number) => new Date(now.getTime() + hours * 3_600_000);
const given = (secret: string, hours?: number) =>
  sourceRequestSchema.parse({ connector: "shopify", secret, ...(hours !== undefined && { oldSecretHours: hours }) });

describe("a new secret", () => {
  const first = withNewSecret(undefined, given("first-secret"), now);
  const second = withNewSecret(first, given("second-secret", 2), now);

  it("verifies beside the old one until that one's time is over", () => {
    expect(validSecrets(second, now)).toEqual(["second-secret", "first-secret"]);
    expect(validSecrets(second, later(2))).toEqual(["second-secret"]);
  });

  it("may end the old one at once", () => {
    expect(validSecrets(withNewSecret(first, given("second-secret", 0), now), now)).toEqual(["second-secret"]);
  });

  it("given again changes nothing, and no exchange lengthens the life of an older one", () => {
    expect(validSecrets(withNewSecret(second, given("second-secret"), now), now)).toEqual([
      "second-secret",
      "first-secret",
    ]);
    const third = withNewSecret(second, given("third-secret", 48), later(1));
    expect(validSecrets(third, later(2))).toEqual(["third-secret", "second-secret"]);
  });

  it("of another connector leaves none of the old", () => {
    const other = sourceRequestSchema.parse({ connector: "stripe", secret: "whsec_123" });
    expect(validSecrets(withNewSecret(second, other, now), now)).toEqual(["whsec_123"]);
  });
});

it("asks for secrets every five minutes, and at once when a signature does not hold, but not at each", async () => {
  let time = now;
  let reads = 0;
  const held: SourceSecrets = { connector: "shopify", secrets: [{ value: "one-secret" }] };
  const read = async () => {
    reads++;
    return held;
  };
  const cache = secretCache(read, () => time);
  const at = async (second: number, kind: "valid" | "fresh") => {
    time = new Date(now.getTime() + second * 1000);
    expect(await cache[kind]("shop")).toEqual(["one-secret"]);
    return reads;
  };
  expect([await at(0, "valid"), await at(1, "fresh"), await at(299, "valid")]).toEqual([1, 1, 1]);
  expect([await at(299, "fresh"), await at(300, "fresh"), await at(600, "valid")]).toEqual([2, 2, 3]);
});

describe("the address of a shop", () => {
  const keys = {
    shopify: "shpat_0123456789",
    woocommerce: "ck_0123456789:cs_0123456789",
    stripe: "sk_live_0123456789",
  };
  const at = (connector: keyof typeof keys, address: string, { key = keys[connector], localShops = false } = {}) =>
    shopAddress(connector, { address, key }, { localShops });

  it("is kept without a slash at its end, with the folder that the shop is in", () => {
    expect(at("shopify", "https://harbour.myshopify.com/")).toBe("https://harbour.myshopify.com");
    expect(at("woocommerce", "https://Sails.example/shop/")).toBe("https://sails.example/shop");
    expect(at("woocommerce", "http://127.0.0.1:8080/", { localShops: true })).toBe("http://127.0.0.1:8080");
  });

  it.each<[string, Parameters<typeof at>]>([
    ["of another host", ["shopify", "https://myshopify.com.attacker.example"]],
    ["without TLS", ["woocommerce", "http://sails.example"]],
    ["of a number", ["woocommerce", "https://10.0.0.1"]],
    ["of a number in brackets", ["woocommerce", "https://[::1]"]],
    ["of a machine within", ["woocommerce", "https://localhost"]],
    ["with a name and a password", ["woocommerce", "https://me:secret@sails.example"]],
    ["with a query", ["woocommerce", "https://sails.example/?x=1"]],
    ["with a port", ["woocommerce", "https://sails.example:8443"]],
    ["on the machine itself, where that is not allowed", ["woocommerce", "http://127.0.0.1:8080"]],
    ["that is none", ["shopify", "harbour"]],
    ["with the key of another shop", ["shopify", "https://harbour.myshopify.com", { key: keys.woocommerce }]],
    ["of a service that sells nothing itself", ["stripe", "https://api.stripe.com"]],
  ])("%s is refused with what is to be given", (_, given) => {
    expect(() => at(...given)).toThrow(/^The shop was not connected: /);
  });
});
