import { beforeEach, describe, expect, it } from "vitest";
import { digestHandlers } from "../../../shared/digests/digest-handlers.ts";
import { stopDigestStage } from "../../../shared/digests/digest-stages.ts";
import { stopLinkOf, stopPath } from "../../../shared/digests/stop-link.ts";
import { stopPageHandlers } from "../../../shared/digests/stop-page-handlers.ts";
import { type Subscription, subscriptionInputSchema } from "../../../shared/digests/subscription.ts";
import { putSubscription, readSubscription } from "../../../shared/digests/subscription-store.ts";
import { ensureTokenKeys } from "../../../shared/email/token-key-store.ts";
import { signWire } from "../../../shared/email/tokens.ts";
import { DomainError } from "../../../shared/errors.ts";
import { parsePart } from "../../../shared/http/request.ts";
import { digestRoutes } from "../../../shared/http/routes/digests.ts";
import type { Table } from "../../../shared/table/client.ts";
import { crashing } from "../../support/crashing.ts";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";
import { itemsOf } from "../../support/table-contents.ts";
import { kpis } from "../kpis/support.ts";
import { subscriptionOf } from "./support.ts";

let table: Table;
let clock: Date;
beforeEach(async () => {
  table = await createTestTable(engine.url);
  clock = new Date("2026-11-27T12:00:00.000Z");
});

const tokenKeys = () => ensureTokenKeys(table);
const handlers = () =>
  digestHandlers({
    table,
    kpis: async () => kpis,
    timeZone: "Europe/Berlin",
    accountName: "Shop",
    publicUrl: "https://shop.example",
    tokenKeys,
    draw: async () => new Uint8Array([1]),
    now: () => clock,
  });
const tom = { name: "Tom", email: "tom@example.com" };
const input = { recipient: tom, weekdays: ["monday"], hour: 8 };

function request({ id = "toms", body = {}, headers = {} }: { id?: string; body?: object; headers?: object }): never {
  return { params: { id }, body, headers, caller: { username: "mia" }, correlationId: "c" } as never;
}

const stored = async (id = "toms") => (await readSubscription(table, id)) as Subscription | undefined;

describe("what is no digest is refused in words, and nothing is kept", () => {
  it.each([
    ["no weekday", { weekdays: [] }, "/weekdays", "name at least one weekday"],
    ["a weekday that is none", { weekdays: ["someday"] }, "/weekdays/0", "monday"],
    ["a weekday twice", { weekdays: ["monday", "monday"] }, "/weekdays", "names one twice"],
    ["neither weekdays nor a day", { weekdays: undefined }, "/weekdays", "name either weekdays or dayOfMonth"],
    ["both", { dayOfMonth: 1 }, "/weekdays", "name either weekdays or dayOfMonth"],
    ["a day that some months lack", { weekdays: undefined, dayOfMonth: 31 }, "/dayOfMonth", "1 to 28"],
    ["an hour that no day has", { hour: 24 }, "/hour", "an hour from 0 to 23"],
    ["half an hour", { hour: 8.5 }, "/hour", "int"],
    [
      "a zone that is nowhere",
      { timeZone: "Mars/Olympus" },
      "/timeZone",
      "not an IANA time zone, such as Europe/Berlin",
    ],
    ["an address that is none", { recipient: { name: "Tom", email: "tom@" } }, "/recipient/email", "email"],
    ["no KPI of a list", { kpis: [] }, "/kpis", "leave kpis out for all"],
    ["a member that nobody knows", { days: 3 }, "", "days"],
  ])("%s", (_, changes, pointer, words) => {
    const body = Object.fromEntries(
      Object.entries({ ...input, ...changes }).filter(([, value]) => value !== undefined),
    );
    const refusal = (() => {
      try {
        return parsePart(subscriptionInputSchema, body, "");
      } catch (error) {
        return error;
      }
    })();
    expect(refusal).toBeInstanceOf(DomainError);
    expect((refusal as DomainError).errors).toEqual(
      expect.arrayContaining([expect.objectContaining({ pointer, message: expect.stringContaining(words) })]),
    );
  });

  it.each([
    ["an unknown KPI", { kpis: ["new-leads", "luck"] }, "/kpis/1", "there is no KPI luck"],
    [
      "a KPI that the slice does not keep",
      { kpis: ["arpu"], slice: { by: "source", group: "web" } },
      "/kpis/0",
      "not by source",
    ],
    ["a slice that no KPI keeps", { slice: { by: "mood", group: "good" } }, "/slice/by", "no KPI is kept by mood"],
  ])("%s", async (_, changes, pointer, message) => {
    await expect(handlers().putDigest(request({ body: { ...input, ...changes } }))).rejects.toMatchObject({
      code: "invalid_input",
      errors: [{ pointer, message: expect.stringContaining(message) }],
    });
    expect(await stored()).toBeUndefined();
  });
});

describe("a digest's subscription", () => {
  it("is changed from the version that was read, and ended for good", async () => {
    const { putDigest, getDigest, deleteDigest, listDigests } = handlers();
    expect(await putDigest(request({ body: input }))).toMatchObject({ status: 201, headers: { etag: '"1"' } });
    await expect(putDigest(request({ body: input }))).rejects.toMatchObject({ code: "already_exists" });
    const ifMatch = (version: number) => ({ "if-match": `"${version}"` });
    expect(await putDigest(request({ body: { ...input, hour: 9 }, headers: ifMatch(1) }))).toMatchObject({
      status: 200,
    });
    await expect(putDigest(request({ body: input, headers: ifMatch(1) }))).rejects.toMatchObject({
      code: "version_conflict",
    });
    await expect(deleteDigest(request({ headers: ifMatch(1) }))).rejects.toMatchObject({ code: "version_conflict" });
    expect((await getDigest(request({}))).body).toMatchObject({ hour: 9, version: 2, updatedBy: "mia" });
    expect(await deleteDigest(request({ headers: ifMatch(2) }))).toEqual({ status: 204 });
    await expect(getDigest(request({}))).rejects.toMatchObject({ code: "not_found" });
    await expect(putDigest(request({ body: input, headers: ifMatch(2) }))).rejects.toMatchObject({ code: "not_found" });
    expect((await listDigests(request({}))).body).toMatchObject({ items: [] });
    expect(JSON.stringify(await itemsOf(table, "digest"))).not.toContain("tom@");
    expect(await putDigest(request({ body: input }))).toMatchObject({ status: 201, body: { version: 4 } });
  });

  it("counts a new time from the change on, and keeps what is due of any other change", async () => {
    const { putDigest } = handlers();
    await putDigest(request({ body: input }));
    const since = clock.toISOString();
    clock = new Date(clock.getTime() + 3_600_000);
    const put = async (version: number, changes: object) => {
      await putDigest(request({ body: { ...input, ...changes }, headers: { "if-match": `"${version}"` } }));
      return (await stored())?.since;
    };
    expect(await put(1, { kpis: ["new-leads"] })).toBe(since);
    expect(await put(2, { hour: 7 })).toBe(clock.toISOString());
  });

  it("is shown as a page that is read only, whatever it tells of", async () => {
    await putSubscription(table, subscriptionOf({ id: "toms" }));
    await putSubscription(table, subscriptionOf({ id: "webs", slice: { by: "source", group: "web" } }));
    for (const id of ["toms", "webs"]) {
      const page = await handlers().previewDigest(request({ id }));
      expect(page).toMatchObject({ status: 200, html: expect.stringContaining("How this is counted") });
      expect(page.headers?.["content-security-policy"]).toContain("default-src 'none'");
    }
    const figures = await handlers().previewDigest(request({ id: "toms", headers: { accept: "text/csv" } }));
    expect(figures.csv).toMatch(/^kpi,format,currency,title,.*\r\nnew-leads,count,,New leads,/s);
    await expect(handlers().previewDigest(request({ id: "none" }))).rejects.toMatchObject({ code: "not_found" });
    expect(await itemsOf(table, "due")).toEqual([]);
  });

  it("is sent on demand under one key for each idempotency key, unless its recipient has stopped it", async () => {
    await putSubscription(table, subscriptionOf({ id: "toms" }));
    const { sendDigest } = handlers();
    const key = (name: string) => ({ headers: { "idempotency-key": `on-demand-${name}-0123` } });
    for (const name of ["one", "one", "two"]) {
      clock = new Date(clock.getTime() + 60_000);
      expect(await sendDigest(request(key(name)))).toMatchObject({ status: 202 });
    }
    const bodies = (await itemsOf(table, "due")).map(({ body }) => body as { messageKey: string; owner: object });
    expect(bodies.map(({ owner }) => owner)).toEqual([1, 2, 3].map(() => ({ staff: tom })));
    expect(new Set(bodies.map(({ messageKey }) => messageKey)).size).toBe(2);
    await expect(sendDigest(request({}))).rejects.toMatchObject({ code: "invalid_input" });
    await putSubscription(table, subscriptionOf({ id: "toms", stoppedAt: clock.toISOString(), version: 2 }));
    await expect(sendDigest(request(key("three")))).rejects.toMatchObject({ code: "in_use" });
  });

  it("is the business of managers and administrators alone", () => {
    for (const { roles } of digestRoutes) expect(roles).toEqual(["admin", "manager"]);
  });
});

describe("one click to stop", () => {
  const pages = () =>
    stopPageHandlers({ table, house: { publicName: "Shop", postalAddress: "Harbour" }, now: () => clock, tokenKeys });
  const tokenOf = async (subscription: Subscription) => stopPath(await tokenKeys(), subscription).slice("/d/".length);
  const visit = (token: string): never => ({ params: { token }, headers: {} }) as never;
  async function follow(of = table): Promise<void> {
    for (const item of await itemsOf(table, "intake"))
      await stopDigestStage({ table: of }).run({ item, previous: undefined });
  }

  it("stops by a post and never by a get, however often", async () => {
    const subscription = subscriptionOf({ id: "toms" });
    await putSubscription(table, subscription);
    const token = await tokenOf(subscription);
    expect((await pages().showStopDigest(visit(token))).html).toContain("<button>Stop this digest</button>");
    await follow();
    expect((await stored())?.stoppedAt).toBeUndefined();
    for (const _ of [1, 2]) expect((await pages().stopDigest(visit(token))).status).toBe(200);
    expect(await itemsOf(table, "intake")).toHaveLength(1);
    for (const _ of [1, 2]) await follow();
    expect(await stored()).toMatchObject({ stoppedAt: clock.toISOString(), version: 2, updatedBy: "recipient" });
  });

  it("stops once, whatever call dies", async () => {
    const subscription = subscriptionOf({ id: "toms" });
    await putSubscription(table, subscription);
    await pages().stopDigest(visit(await tokenOf(subscription)));
    for (const after of [false, true])
      for (const nth of [1, 2]) await follow(crashing(table, { nth, after })).catch(() => undefined);
    await follow();
    expect(await stored()).toMatchObject({ stoppedAt: clock.toISOString(), version: 2 });
  });

  it.each([
    ["of somebody else by now", { recipient: { name: "Ann", email: "ann@example.com" } }],
    ["that began anew since", { since: "2026-11-27T12:00:00.001Z" }],
  ])("leaves a digest %s", async (_, changes) => {
    await putSubscription(table, subscriptionOf({ id: "toms", ...changes }));
    await pages().stopDigest(visit(await tokenOf(subscriptionOf({ id: "toms" }))));
    await follow();
    expect((await stored())?.stoppedAt).toBeUndefined();
  });

  it("takes no token that was signed for something else, or not by us", async () => {
    const keys = await tokenKeys();
    const foreign = [signWire(keys, ["u", "toms", "hash"]), "v1.x.y", ""];
    for (const token of foreign) {
      expect(() => stopLinkOf(keys, token)).toThrow(expect.objectContaining({ code: "invalid_token" }));
      expect((await pages().stopDigest(visit(token))).status).toBe(404);
    }
    expect(await itemsOf(table, "intake")).toEqual([]);
  });
});
