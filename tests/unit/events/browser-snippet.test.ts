import { webcrypto } from "node:crypto";
import vm from "node:vm";
import { transformSync } from "esbuild";
import { describe, expect, test } from "vitest";
import { browserSnippet } from "../../../shared/events/browser-snippet.ts";

interface Sent {
  readonly writeKey: string;
  readonly batch: readonly { readonly type: string; readonly event?: string; readonly anonymousId: string }[];
}

interface Api {
  consent(given: boolean): void;
  track(event: string, properties?: object): void;
  identify(traits: object): void;
}

/** A page of a shop, with what of a browser the script uses. */
function openPage(storage = new Map<string, string>(), answer: () => number | Error = () => 207) {
  const sent: Sent[] = [];
  const listeners = new Map<string, () => void>();
  const timers: (() => void)[] = [];
  const window = {
    rapport: undefined as Api | unknown[] | undefined,
    crypto: webcrypto,
    location: { origin: "https://shop.example", pathname: "/mugs", search: "?utm_source=news&secret=1" },
    localStorage: {
      getItem: (name: string) => storage.get(name) ?? null,
      setItem: (name: string, value: string) => storage.set(name, value),
      removeItem: (name: string) => storage.delete(name),
    },
    navigator: { sendBeacon: (_: string, body: string) => sent.push(JSON.parse(body)) > 0 },
    addEventListener: (name: string, listener: () => void) => listeners.set(name, listener),
    async fetch(url: string, { body }: { body: string }) {
      expect(url).toBe("https://api.example/v1/batch");
      const status = answer();
      if (status instanceof Error) throw status;
      sent.push(JSON.parse(body));
      return { status };
    },
  };
  const script = { src: "https://api.example/b.js", getAttribute: () => "wk_1" };
  const document = { currentScript: script, title: "Mugs", referrer: "https://news.example/?q=private" };
  const setTimeout = (work: () => void) => timers.push(work);
  vm.runInNewContext(browserSnippet, { window, document, URLSearchParams, setTimeout, clearTimeout: () => {} });
  const settled = () => new Promise((done) => setImmediate(done));
  const { rapport } = window;
  if (rapport === undefined || Array.isArray(rapport)) throw new Error("the script has not started");
  const types = () => sent.flatMap(({ batch }) => batch.map(({ type, event }) => event ?? type));
  return { rapport, sent, types, storage, timers, settled, leave: () => listeners.get("pagehide")?.() };
}

describe("the browser script", () => {
  test("is at most 3 KB minified", () => {
    expect(transformSync(browserSnippet, { minify: true }).code.length).toBeLessThanOrEqual(3_072);
  });

  test("neither sends nor stores anything before consent, nor after it is taken back", async () => {
    const page = openPage();
    page.rapport.track("Product Viewed");
    page.rapport.identify({ email: "ada@example.com" });
    page.leave();
    await page.settled();
    expect([page.sent, page.storage.size]).toEqual([[], 0]);
    page.rapport.consent(true);
    page.rapport.consent(false);
    expect(page.storage.size).toBe(0);
  });

  test("sends page, track and identify of one visitor after consent, and remembers it on the next page", async () => {
    const first = openPage();
    first.rapport.consent(true);
    first.rapport.track("Product Viewed", { product_id: "1" });
    first.rapport.identify({ email: "ada@example.com" });
    await first.settled();
    const second = openPage(first.storage);
    await second.settled();
    expect([first.types(), second.types()]).toEqual([["page", "Product Viewed", "identify"], ["page"]]);
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    expect(first.sent.flatMap(({ batch }) => batch).at(-1)).toMatchObject({ context: { timezone: timeZone } });
    const ids = [...first.sent, ...second.sent].flatMap(({ batch }) => batch.map(({ anonymousId }) => anonymousId));
    expect(new Set(ids).size).toBe(1);
    expect(JSON.stringify(first.sent)).not.toMatch(/secret|private/);
    expect(first.sent[0]?.writeKey).toBe("wk_1");
  });

  test.each([
    ["the network is down", new Error("offline")],
    ["the server fails", 503],
    ["it was too fast", 429],
  ])("keeps what could not be sent because %s, and sends it again", async (_, trouble) => {
    let answer: number | Error = trouble;
    const page = openPage(undefined, () => answer);
    page.rapport.consent(true);
    await page.settled();
    expect(page.storage.get("rapport.queue")).toContain('"page"');
    answer = 207;
    page.timers.at(-1)?.();
    await page.settled();
    expect(page.types().at(-1)).toBe("page");
    expect(page.storage.get("rapport.queue")).toBe("[]");
  });

  test("does not send again what was refused", async () => {
    const page = openPage(undefined, () => 403);
    page.rapport.consent(true);
    await page.settled();
    expect([page.storage.get("rapport.queue"), page.timers]).toEqual(["[]", []]);
  });

  test("is another visitor once another person signs in at the same browser", async () => {
    const page = openPage();
    page.rapport.consent(true);
    page.rapport.identify({ email: "ada@example.com" });
    page.rapport.identify({ email: "grace@example.com" });
    await page.settled();
    const [ada, grace] = page.sent.flatMap(({ batch }) => batch.filter(({ type }) => type === "identify"));
    expect(ada?.anonymousId).not.toBe(grace?.anonymousId);
  });

  test("hands over what is left when the page goes away", async () => {
    const page = openPage(undefined, () => 503);
    page.rapport.consent(true);
    await page.settled();
    page.leave();
    expect(page.types().at(-1)).toBe("page");
    expect(page.storage.get("rapport.queue")).toBe("[]");
  });
});
