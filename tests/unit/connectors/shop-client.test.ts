import { createServer, type RequestListener, type Server } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { createShopClient } from "../../../shared/connectors/shop-client.ts";
import { ShopBusy, ShopRefusal } from "../../../shared/connectors/shop-error.ts";
import { isInner } from "../../../shared/outbound/public-address.ts";

const ask = createShopClient({ localShops: true });
let server: Server | undefined;
afterEach(() => server?.closeAllConnections());

/** A shop on this machine that answers each call by the listener; gives its address. */
async function shop(listener: RequestListener): Promise<string> {
  const started = createServer(listener);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  const address = started.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}

const get = (url: string) => ask({ url, headers: { "x-key": "k" } });

describe("a shop's answer", () => {
  it("is read with every digit of its ids, and the key goes along", async () => {
    const url = await shop(({ headers, method }, response) => {
      response.end(`{"id":9007199254740993,"key":"${headers["x-key"]}","method":"${method}"}`);
    });
    expect(await get(url)).toEqual({ id: "9007199254740993", key: "k", method: "GET" });
  });

  it("to a body is that of a POST", async () => {
    const url = await shop((request, response) => void request.pipe(response));
    expect(await ask({ url, headers: {}, body: { name: "Ñ" } })).toEqual({ name: "Ñ" });
  });

  it.each([
    [429, { "retry-after": "2.0" }, 2],
    [503, { "retry-after": "120" }, 120],
    [502, {}, undefined],
    [429, { "retry-after": "Fri, 27 Nov 2026 10:00:00 GMT" }, undefined],
  ])("%i %o asks for another try later", async (status, headers, retryAfterSeconds) => {
    const url = await shop((_, response) => response.writeHead(status, headers).end("busy"));
    await expect(get(url)).rejects.toMatchObject({ name: "ShopBusy", retryAfterSeconds });
  });

  it.each<[string, RequestListener]>([
    [
      "is cut off",
      (_, response) => void response.writeHead(200, { "content-length": "100" }).write("{", () => response.destroy()),
    ],
    ["is a page for people", (_, response) => response.end("<html>Back soon</html>")],
    ["never comes", (_, response) => response.destroy()],
  ])("that %s may be whole the next time", async (_, listener) => {
    await expect(get(await shop(listener))).rejects.toBeInstanceOf(ShopBusy);
  });

  it.each([
    [301, /another address/],
    [401, /key/],
    [403, /key/],
    [404, /address/],
    [422, /422/],
  ])("%i is the same the next time, and says what to mend", async (status, message) => {
    const url = await shop((_, response) => response.writeHead(status, { location: "https://shop.example" }).end("{}"));
    const refusal = await get(url).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ShopRefusal);
    expect(String(refusal)).toMatch(message);
  });

  it("beyond 16 MB is not read", async () => {
    const megabyte = Buffer.alloc(1_048_576, 32);
    const url = await shop((_, response) => {
      response.on("error", () => undefined);
      for (let count = 0; count < 17; count++) response.write(megabyte);
      response.end();
    });
    await expect(get(url)).rejects.toThrow("larger than 16 MB");
  });
});

describe("what is no shop", () => {
  it.each([
    "http://shop.example/",
    "https://127.0.0.1/",
    "https://[::1]/",
    "http://169.254.169.254/latest",
    "http://127.0.0.1:9001/",
  ])("%s is never asked by a deployed function", async (url) => {
    await expect(createShopClient({ localShops: false })({ url, headers: {} })).rejects.toBeInstanceOf(ShopRefusal);
  });

  it("a name that leads to an inner network is refused as the connection is made", async () => {
    const asked = createShopClient({ localShops: false })({ url: "https://localhost/", headers: {} });
    await expect(asked).rejects.toThrow("inner network");
  });

  it.each([
    "10.1.2.3",
    "127.0.0.1",
    "169.254.169.254",
    "172.31.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "::1",
    "::ffff:10.0.0.1",
    "fd00::1",
    "fe80::1",
  ])("%s is an inner address", (address) => expect(isInner(address)).toBe(true));

  it.each(["8.8.8.8", "23.227.38.65", "172.32.0.1", "2620:127:f00f:e::"])("%s is a public one", (address) =>
    expect(isInner(address)).toBe(false),
  );
});
