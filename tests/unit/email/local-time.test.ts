import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deliver } from "../../../shared/email/delivery.ts";
import { localTimeSchema, spanOf, wantedFrom } from "../../../shared/email/local-time.ts";
import { message, recipient, world } from "./world.ts";

const nine = { date: "2026-03-02", time: "09:00", late: "nextDay", lagSeconds: 0 } as const;

test.each([
  ["New York", "America/New_York", nine, "2026-03-01T19:00:00.000Z", "2026-03-02T14:00:00.000Z"],
  ["Tokyo", "Asia/Tokyo", nine, "2026-03-01T19:00:00.000Z", "2026-03-02T00:00:00.000Z"],
  [
    "Kiritimati, where the walk began",
    "Pacific/Kiritimati",
    nine,
    "2026-03-01T19:00:01.000Z",
    "2026-03-01T19:00:01.000Z",
  ],
  ["Tokyo, less than an hour late", "Asia/Tokyo", nine, "2026-03-02T00:59:00.000Z", "2026-03-02T00:59:00.000Z"],
  ["Tokyo, too late today", "Asia/Tokyo", nine, "2026-03-02T05:00:00.000Z", "2026-03-03T00:00:00.000Z"],
  [
    "Tokyo, too late today and wanted at once",
    "Asia/Tokyo",
    { ...nine, late: "atOnce" },
    "2026-03-02T05:00:00.000Z",
    "2026-03-02T05:00:00.000Z",
  ],
  [
    "Tokyo, a page later",
    "Asia/Tokyo",
    { ...nine, lagSeconds: 90 },
    "2026-03-01T19:00:00.000Z",
    "2026-03-02T00:01:30.000Z",
  ],
  [
    "Berlin, where clocks skip 02:30",
    "Europe/Berlin",
    { ...nine, date: "2026-03-29", time: "02:30" },
    "2026-03-28T19:00:00.000Z",
    "2026-03-29T01:30:00.000Z",
  ],
  [
    "Berlin, where clocks show 02:30 twice",
    "Europe/Berlin",
    { ...nine, date: "2026-10-25", time: "02:30" },
    "2026-10-24T19:00:00.000Z",
    "2026-10-25T00:30:00.000Z",
  ],
] as const)("a mail for nine o'clock in %s", (_, zone, localTime, requestedAt, expected) => {
  expect(wantedFrom({ requestedAt, localTime }, zone).toISOString()).toBe(expected);
});

test("a mail without a local time is wanted when it is asked for", () => {
  expect(wantedFrom(message, "Asia/Tokyo").toISOString()).toBe(message.requestedAt);
});

test("no mail is wanted before it is asked for, nor more than a day after its time has passed", () => {
  const zone = fc.constantFrom("UTC", "Asia/Kathmandu", "Pacific/Apia", "Europe/Lisbon", "America/St_Johns");
  const hour = fc.integer({ min: -40, max: 40 });
  const late = fc.constantFrom("nextDay" as const, "atOnce" as const);
  fc.assert(
    fc.property(zone, hour, late, (timeZone, offset, option) => {
      const requestedAt = new Date(Date.parse("2026-03-29T01:00:00Z") + offset * 3_600_000).toISOString();
      const localTime = { ...nine, date: "2026-03-29", late: option };
      const at = wantedFrom({ requestedAt, localTime }, timeZone).getTime();
      const { last } = spanOf(localTime);
      expect(at).toBeGreaterThanOrEqual(Date.parse(requestedAt));
      expect(at).toBeLessThanOrEqual(Math.max(last.getTime(), Date.parse(requestedAt) + 25 * 3_600_000));
    }),
  );
});

test.each([
  ["2026-02-30", "09:00", false],
  ["2026-02-28", "24:00", false],
  ["2026-02-28", "9:00", false],
  ["2026-02-28", "23:59", true],
])("%s %s is a date and a time: %s", (date, time, valid) => {
  expect(localTimeSchema.safeParse({ ...nine, date, time }).success).toBe(valid);
});

describe("a mail for a local time", () => {
  const asked = { ...message, localTime: nine };
  const tokyo = async () => ({ ...recipient, timeZone: "Asia/Tokyo" });

  test("waits for its reader's clock, reading nothing but the reader, and counts its age from then", async () => {
    const { deps, dues, calls, clock } = world("2026-03-01T19:00:00.000Z");
    const readConsent = () => Promise.reject(new Error("read"));
    const request = { ...asked, requestedAt: clock.now.toISOString() };
    expect(await deliver({ ...deps, readRecipient: tokyo, readConsent }, request)).toBe("not sent");
    expect(dues).toMatchObject([{ at: new Date("2026-03-02T00:00:00.000Z"), queue: "mail" }]);
    clock.now = new Date("2026-03-04T23:59:00.000Z");
    expect(await deliver({ ...deps, readRecipient: tokyo }, request)).toBe("sent");
    expect(calls).toHaveLength(1);
  });

  test("goes by the account's clock where the reader's is not known", async () => {
    const { deps, dues, clock } = world("2026-03-01T19:00:00.000Z");
    const rules = { ...deps.rules, timeZone: "America/New_York" };
    await deliver({ ...deps, rules }, { ...asked, requestedAt: clock.now.toISOString() });
    expect(dues).toMatchObject([{ at: new Date("2026-03-02T14:00:00.000Z") }]);
  });
});

describe("a broadcast's mail", () => {
  const campaign = { type: "broadcast", id: "spring", variant: "a", first: true } as const;

  test("is marketing that lets other mail go first, whatever its template has become", async () => {
    const { deps, ledger } = world();
    const claims: unknown[] = [];
    const template = await deps.templateOf("form-acknowledgement");
    const claim = async (_: string, { priority }: { priority: string }) => {
      claims.push(priority);
      return "granted" as const;
    };
    const caps = { ...deps.caps, claim };
    const changed = { ...template, stream: "transactional", priority: "cart", atOnce: true } as const;
    const readConsent = async () => undefined;
    const world1 = { ...deps, caps, templateOf: async () => changed };
    expect(await deliver(world1, { ...message, campaign })).toBe("sent");
    expect(claims).toEqual(["broadcast"]);
    expect(ledger.entry()).toMatchObject({ stream: "marketing", campaign });
    const { deps: others, ledger: second } = world();
    await deliver({ ...others, readConsent, templateOf: async () => changed }, { ...message, campaign });
    expect(second.entry()).toMatchObject({ state: "SKIPPED", reason: "no consent" });
  });
});
